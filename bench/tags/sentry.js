import * as Sentry from "@sentry/browser";

Sentry.init({
  dsn: `${location.protocol}//bench@${location.host}/1`,
  integrations: [Sentry.replayIntegration()],
  replaysSessionSampleRate: 1,
});
