import "posthog-js/dist/posthog-recorder";
import posthog from "posthog-js/dist/module.full.no-external";

posthog.init("phc_bench", { api_host: `${location.origin}/posthog`, opt_out_useragent_filter: true });
