# Needs BuildKit 0.11 or later, which Docker 23 brings. There is no "# syntax=" line: no frontend is pulled.
# What changes least comes first. --link layers stay valid when the layers below them change.

FROM node:24-bookworm-slim AS base
WORKDIR /app
ENV YARN_CACHE_FOLDER="/yarn/cache"
RUN --mount=type=cache,id=npm,target=/root/.npm npm install --global --force yarn@1

# What builds: installed again when package.json or the lockfile changes.
FROM base AS dependencies
COPY package-lock.json package.json ./
RUN --mount=type=cache,id=yarn,target=/yarn/cache \
    yarn install --non-interactive --frozen-lockfile

# What runs: installed again when package.json or the lockfile changes.
FROM base AS production
COPY package-lock.json package.json ./
RUN --mount=type=cache,id=yarn,target=/yarn/cache \
    yarn install --non-interactive --frozen-lockfile --production \
    && mkdir -p node_modules

# The sources: beside the installation of what runs.
FROM dependencies AS build
ARG SOURCE_DATE_EPOCH=0
COPY . .
RUN yarn run build

# What runs: nothing that builds, and no user that could change it.
FROM gcr.io/distroless/nodejs24-debian12:nonroot AS run
WORKDIR /app
ENV NODE_ENV="production" \
    PORT="3000"
COPY --link --from=production /app/node_modules ./node_modules
COPY --link --from=build /app/package.json ./
COPY --link --from=build /app/dist ./dist
USER 65532:65532
EXPOSE 3000
STOPSIGNAL SIGTERM
ENTRYPOINT ["/nodejs/bin/node", "/app/dist/index.js"]
