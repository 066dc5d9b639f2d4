// Opens a page with a camera in a real browser, without a window, and prints every half second what the page sees, as
// one line of JSON. SIGUSR2 loads the page anew; SIGTERM takes a picture of it and ends.
// Usage: watch.mjs chrome|firefox CAMERA SCREENSHOT.png [X,Y ...]
// VIBA_BROWSER is the browser's program, VIBA_BROWSER_MODULES the folder in which Puppeteer is.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const puppeteer = createRequire(`${process.env.VIBA_BROWSER_MODULES}/`)('puppeteer-core');
const [browserName, camera, screenshot, ...points] = process.argv.slice(2);
const types = { '.html': 'text/html', '.js': 'text/javascript' };
let over = false;
process.on('SIGTERM', () => { over = true; });

/** getUserMedia wants a safe origin, and localhost is one. */
async function servePage() {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    const type = types[pathname.slice(pathname.lastIndexOf('.'))];
    const text = type && await readFile(new URL(`.${pathname}`, import.meta.url)).catch(() => undefined);
    response.writeHead(text ? 200 : 404, { 'content-type': type ?? 'text/plain' }).end(text);
  });
  await new Promise((listening) => { server.listen(0, 'localhost', listening); });
  return server;
}

function launch() {
  const options = {
    browser: browserName,
    executablePath: fileURLToPath(new URL('die-with-parent', import.meta.url)),
    headless: true,
    defaultViewport: { width: 1280, height: 720 },
    handleSIGTERM: false,
  };
  if (browserName === 'firefox') {
    const preferences = { 'media.webrtc.camera.allow-pipewire': true, 'media.navigator.permission.disabled': true };
    return puppeteer.launch({ ...options, extraPrefsFirefox: preferences });
  }
  const args = ['--no-sandbox', '--use-fake-ui-for-media-stream', '--enable-features=WebRtcPipeWireCamera'];
  return puppeteer.launch({ ...options, args });
}

const server = await servePage();
const browser = await launch();
const page = await browser.newPage();
page.on('pageerror', (error) => console.log(`page: ${error}`));
await page.goto(`http://localhost:${server.address().port}/page.html?camera=${encodeURIComponent(camera)}`);
process.on('SIGUSR2', () => { page.reload().catch((error) => console.log(`reload: ${error}`)); });

const places = points.map((point) => point.split(',').map(Number));
while (!over) {
  // While the page is being loaded there is nothing to ask.
  const seen = await page.evaluate((all) => look(all), places).catch(() => undefined);
  if (seen) console.log(JSON.stringify(seen));
  await sleep(500);
}
await page.screenshot({ path: screenshot });
console.log(`wrote ${screenshot}`);
// A browser that is slow to end has done all that was asked of it.
await Promise.race([browser.close(), sleep(5000)]);
browser.process()?.kill('SIGKILL');
process.exit();
