// Runs @fal-ai/client against the emulator at argv[2] and prints what it saw as one JSON object.
import { fal } from "@fal-ai/client";

const emulator = process.argv[2];
const places = {
  "https://queue.fal.run": `${emulator}/queue`,
  "https://fal.run": `${emulator}/run`,
  "https://rest.fal.ai": `${emulator}/rest`,
};

fal.config({
  credentials: "any:key",
  requestMiddleware: async (request) => {
    const official = Object.keys(places).find((place) => request.url.startsWith(place));
    return official ? { ...request, url: request.url.replace(official, places[official]) } : request;
  },
});

const seen = {};

async function subscribed(mode) {
  const statuses = [];
  let lines = [];
  const result = await fal.subscribe("demo/sketch/fast", {
    input: { prompt: "a lake", image_size: { width: 64, height: 48 } },
    logs: true,
    mode,
    pollInterval: 20,
    onQueueUpdate: (update) => {
      statuses.push(update.status);
      // The client joins what a stream tells, so every update holds the whole log.
      lines = (update.logs ?? []).map((entry) => entry.message);
    },
  });
  return { data: result.data, requestId: result.requestId, statuses, lines };
}

seen.polling = await subscribed("polling");
seen.streaming = await subscribed("streaming");

const { request_id: requestId } = await fal.queue.submit("demo/sketch/trainer", {
  input: { images_data_url: "https://example.org/a.zip", trigger_word: "T" },
});
seen.queued = await fal.queue.status("demo/sketch/trainer", { requestId, logs: true });
await fal.queue.cancel("demo/sketch/trainer", { requestId });
seen.cancelled = await fal.queue.result("demo/sketch/trainer", { requestId }).catch((error) => error.status);

seen.invalid = await fal.subscribe("demo/sketch/fast", { input: {} }).catch((error) => error.body);

seen.uploaded = await fal.storage.upload(new Blob(["some bytes"], { type: "text/plain" }));

const stream = await fal.stream("demo/scribe/chat", { input: { prompt: "the sea" } });
seen.parts = 0;
for await (const part of stream) seen.parts += 1;
seen.whole = await stream.done();

console.log(JSON.stringify(seen));
