// Submits argv[3] jobs to the emulator at argv[2] with the official client; prints `REQUEST_ID TIME` for each result.
import { fal } from "@fal-ai/client";

const [emulator, jobs] = process.argv.slice(2);
const places = { "https://queue.fal.run": `${emulator}/queue`, "https://fal.run": `${emulator}/run` };

fal.config({
  credentials: "any:key",
  requestMiddleware: async (request) => {
    const official = Object.keys(places).find((place) => request.url.startsWith(place));
    return official ? { ...request, url: request.url.replace(official, places[official]) } : request;
  },
});

await Promise.all(
  [...Array(Number(jobs)).keys()].map(async (number) => {
    const input = { prompt: `a lake, ${number}`, image_size: { width: 64, height: 48 } };
    const { requestId } = await fal.subscribe("demo/sketch/fast", { input, logs: true });
    console.log(`${requestId} ${Date.now() / 1000}`);
  }),
);
