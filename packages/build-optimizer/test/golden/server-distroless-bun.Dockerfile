# Needs BuildKit 0.11 or later, which Docker 23 brings. There is no "# syntax=" line: no frontend is pulled.
# What changes least comes first. --link layers stay valid when the layers below them change.

FROM node:24-bookworm-slim AS base
WORKDIR /app
ENV BUN_INSTALL_CACHE_DIR="/bun/cache"
RUN --mount=type=cache,id=npm,target=/root/.npm npm install --global bun@1

# What builds: installed again when package.json or the lockfile changes.
FROM base AS dependencies
COPY package-lock.json package.json ./
RUN --mount=type=cache,id=bun,target=/bun/cache \
    bun install --frozen-lockfile

# The build of mcpgen, with its cache kept: what a change does not reach is not built again.
FROM dependencies AS build
ARG SOURCE_DATE_EPOCH=0
COPY . .
RUN --mount=type=cache,id=mcpgen,target=/app/.cache/mcpgen,sharing=locked \
    bun run mcpgen build --no-image \
    && mkdir -p /out/packages \
    && cp -R dist/server /out/app \
    && for part in runtime deps node_modules; do \
         if [ -d "/out/app/$part" ]; then mv "/out/app/$part" /out/packages/; fi; \
       done \
    && find /out -name '*.js.map' -delete \
    && find /out -exec touch -hd "@$SOURCE_DATE_EPOCH" {} +

# What runs: nothing that builds, and no user that could change it.
FROM gcr.io/distroless/nodejs24-debian12:nonroot AS run
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
    CMD ["/nodejs/bin/node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["/nodejs/bin/node", "/app/main.js"]
