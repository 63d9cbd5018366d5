# The same code and the same lock file as `manage.py up`; docker-compose.yml says which process a container is.
FROM python:3.12-slim AS build
COPY requirements.txt .
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements.txt

FROM python:3.12-slim
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 STATIC_ROOT=/app/static
COPY --from=build /venv /venv
WORKDIR /app
COPY . .
RUN useradd --system --home /app --shell /usr/sbin/nologin app \
    && python manage.py collectstatic --noinput --verbosity 0 \
    && rm -rf .local && mkdir .local && chown app .local
USER app
EXPOSE 8000
STOPSIGNAL SIGTERM
CMD ["python", "-m", "uvicorn", "goldensignals.asgi:application", "--host", "0.0.0.0", "--port", "8000", "--ws", "marketdata.live.frames:Protocol", "--no-proxy-headers", "--no-access-log", "--timeout-graceful-shutdown", "3"]
