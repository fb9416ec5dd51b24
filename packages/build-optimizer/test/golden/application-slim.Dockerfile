# Needs BuildKit 0.11 or later, which Docker 23 brings. There is no "# syntax=" line: no frontend is pulled.
# What changes least comes first. --link layers stay valid when the layers below them change.

FROM node:24-slim AS base
WORKDIR /app
RUN --mount=type=cache,id=apt-archives,target=/var/cache/apt,sharing=locked \
    --mount=type=cache,id=apt-lists,target=/var/lib/apt/lists,sharing=locked \
    rm -f /etc/apt/apt.conf.d/docker-clean \
    && apt-get update \
    && apt-get install --yes --no-install-recommends git

# What builds: installed again when package.json or the lockfile changes.
FROM base AS dependencies
COPY package-lock.json package.json ./
COPY vendor/a.tgz vendor/b.tgz ./vendor/
RUN --mount=type=cache,id=npm,target=/root/.npm \
    --mount=type=secret,id=npmrc,target=/root/.npmrc \
    npm pkg delete scripts.prepare \
    && npm ci --no-audit --no-fund

# What runs: installed again when package.json or the lockfile changes.
FROM base AS production
COPY package-lock.json package.json ./
COPY vendor/a.tgz vendor/b.tgz ./vendor/
RUN --mount=type=cache,id=npm,target=/root/.npm \
    --mount=type=secret,id=npmrc,target=/root/.npmrc \
    npm pkg delete scripts.prepare \
    && npm ci --no-audit --no-fund --omit=dev \
    && mkdir -p node_modules

# The sources: beside the installation of what runs.
FROM dependencies AS build
ARG SOURCE_DATE_EPOCH=0
COPY . .
RUN npm run build

# What runs: nothing that builds, and no user that could change it.
FROM node:24-slim AS run
RUN --mount=type=cache,id=apt-archives,target=/var/cache/apt,sharing=locked \
    --mount=type=cache,id=apt-lists,target=/var/lib/apt/lists,sharing=locked \
    rm -f /etc/apt/apt.conf.d/docker-clean \
    && apt-get update \
    && apt-get install --yes --no-install-recommends tzdata
WORKDIR /app
ENV NODE_ENV="production" \
    PORT="3000" \
    TZ="UTC"
COPY --link --from=production /app/node_modules ./node_modules
COPY --link --from=build /app/package.json ./
COPY --link --from=build /app/dist ./dist
USER 65532:65532
EXPOSE 3000
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "/app/dist/index.js"]
