# Needs BuildKit 0.11 or later, which Docker 23 brings. There is no "# syntax=" line: no frontend is pulled.
# What changes least comes first. --link layers stay valid when the layers below them change.

# What runs: nothing that builds, and no user that could change it.
FROM node:24-slim AS run
WORKDIR /app
ENV HOST="0.0.0.0" \
    MCPGEN_ALLOW_REMOTE="1" \
    NODE_ENV="production" \
    PORT="8080"
COPY --link dist/server/runtim[e] ./runtime/
COPY --link dist/server/node_module[s] ./node_modules/
COPY --link dist/server/dep[s] ./deps/
COPY --link dist/server/validator[s] ./validators/
COPY --link dist/server/list[s] ./lists/
COPY --link dist/server/module[s] ./modules/
COPY --link dist/server/package.json dist/server/manifest.json dist/server/main.js ./
USER 65532:65532
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 \
    CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/main.js"]
