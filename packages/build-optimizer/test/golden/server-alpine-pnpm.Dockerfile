# Needs BuildKit 0.11 or later, which Docker 23 brings. There is no "# syntax=" line: no frontend is pulled.
# What changes least comes first. --link layers stay valid when the layers below them change.

FROM node:24-alpine AS base
WORKDIR /app
ENV CI="true" \
    npm_config_package_import_method="copy" \
    npm_config_store_dir="/pnpm/store"
RUN apk add --no-cache python3 make g++
RUN --mount=type=cache,id=npm,target=/root/.npm npm install --global pnpm@10.4.1

# What builds: installed again when package.json or the lockfile changes.
FROM base AS dependencies
COPY package.json pnpm-lock.yaml ./
COPY patches ./patches/
RUN --mount=type=cache,id=pnpm,target=/pnpm/store \
    pnpm install --frozen-lockfile

# The build of mcpgen, with its cache kept: what a change does not reach is not built again.
FROM dependencies AS build
ARG SOURCE_DATE_EPOCH=0
COPY . .
RUN --mount=type=cache,id=mcpgen,target=/app/.cache/mcpgen,sharing=locked \
    pnpm exec mcpgen build --no-image \
    && mkdir -p /out/packages \
    && cp -R dist/server /out/app \
    && for part in runtime deps node_modules; do \
         if [ -d "/out/app/$part" ]; then mv "/out/app/$part" /out/packages/; fi; \
       done \
    && find /out -name '*.js.map' -delete \
    && find /out -exec touch -hd "@$SOURCE_DATE_EPOCH" {} +

# What runs: nothing that builds, and no user that could change it.
FROM node:24-alpine AS run
RUN apk add --no-cache tini
WORKDIR /app
ENV HOST="0.0.0.0" \
    MCPGEN_ALLOW_REMOTE="1" \
    NODE_ENV="production" \
    PORT="3000"
COPY --link --from=build /out/packages/ ./
COPY --link --from=build /out/app/ ./
USER 65532:65532
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 \
    CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/main.js"]
