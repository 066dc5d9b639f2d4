#!/usr/bin/env node
// MediaPipe's own Selfie Segmentation in Chromium, as pages use it that offer backgrounds: the network that ViBa uses,
// too, in WebAssembly. The browser runs on the cores that this runs on (`taskset`).
// Without a GPU the processor draws for WebGL and canvases as well, which costs the most by far; that part is named on
// its own, as no such page is meant to be used so. Nothing is converted to YUYV in the end.
// Usage: bench/peers/mediapipe.mjs CLIP [FRAMES]; `scripts/setup.sh --peers` installs what it needs.
// Prints JSON: milliseconds of processor time a frame, and of each kind of the browser's processes.
import { execFileSync } from 'node:child_process';
import { accessSync, constants, readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';

const modules = new URL('../../build/deps/peers/node_modules/', import.meta.url);
const pages = new URL('mediapipe/', import.meta.url);
const types = { html: 'text/html', js: 'text/javascript', wasm: 'application/wasm' };
const others = 'the rest of the browser';
const kinds = { renderer: 'the page', 'gpu-process': 'drawing without a GPU' };
// A browser that draws slowly must neither give up nor look for updates meanwhile.
const switches = ['--no-sandbox', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--disable-gpu-watchdog',
  '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'];
const [width, height, warmUp] = [1280, 720, 10];
const [clip, count = '60'] = process.argv.slice(2);

function stop(sentence) {
  console.error(`mediapipe.mjs: ${sentence}`);
  process.exit(1);
}

function findBrowser() {
  for (const name of ['chromium', 'chromium-browser', 'google-chrome']) {
    for (const folder of process.env.PATH.split(delimiter)) {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return join(folder, name);
      } catch { /* not there */ }
    }
  }
  return stop('Chromium is not installed; scripts/setup.sh --peers does it.');
}

function loadPuppeteer() {
  try {
    return createRequire(modules)('puppeteer-core');
  } catch {
    return stop('Puppeteer and MediaPipe were not fetched; scripts/setup.sh --peers does it.');
  }
}

function decode() {
  const words = ['-v', 'quiet', '-i', clip, '-vf', `scale=${width}:${height}`, '-frames:v', count,
    '-pix_fmt', 'yuv420p', '-f', 'rawvideo', '-'];
  try {
    return execFileSync('ffmpeg', words, { maxBuffer: 2 ** 31 });
  } catch (error) {
    return stop(error.code === 'ENOENT' ? 'ffmpeg is not installed; scripts/setup.sh --peers does it.'
      : `${clip} cannot be read; name a film that FFmpeg knows.`);
  }
}

async function serve(frames) {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    const file = pathname.startsWith('/modules/') ? new URL(`.${pathname.slice(8)}`, modules)
      : new URL(`.${pathname}`, pages);
    const body = pathname === '/clip' ? frames : await readFile(file).catch(() => undefined);
    const type = types[pathname.slice(pathname.lastIndexOf('.') + 1)] ?? 'application/octet-stream';
    response.writeHead(body ? 200 : 404, { 'content-type': type }).end(body);
  });
  await new Promise((listening) => { server.listen(0, 'localhost', listening); });
  return server;
}

/** What /proc says of a process: whose child it is, its clock ticks of processor time so far, its kind. */
function readProcess(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\) /s, '').split(' ');
    const kind = /--type=([a-z-]+)/.exec(readFileSync(`/proc/${pid}/cmdline`, 'latin1'))?.[1];
    return { pid, parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]), kind };
  } catch {
    return undefined; // ended meanwhile
  }
}

/** Milliseconds of processor time so far of a process and all that come from it, by kind. */
function used(root) {
  const all = readdirSync('/proc').map(Number).filter(Boolean).map(readProcess).filter(Boolean);
  const family = new Set([root]);
  for (let before = 0; before < family.size;) {
    before = family.size;
    for (const each of all) if (family.has(each.parent)) family.add(each.pid);
  }
  const tick = 1000 / Number(execFileSync('getconf', ['CLK_TCK']));
  const sums = Object.fromEntries([...Object.values(kinds), others].map((part) => [part, 0]));
  for (const { pid, ticks, kind } of all) if (family.has(pid)) sums[kinds[kind] ?? others] += ticks * tick;
  return sums;
}

async function measure(browser, port) {
  const page = await browser.newPage();
  page.on('pageerror', (error) => console.error(`page: ${error}`));
  await page.goto(`http://localhost:${port}/page.html`);
  await page.evaluate((...size) => open(...size), width, height);
  await page.evaluate((frames) => run(frames), warmUp);
  const before = used(browser.process().pid);
  await page.evaluate((frames) => run(frames), Number(count));
  const after = used(browser.process().pid);
  return Object.fromEntries(Object.keys(after).map((part) => [part, (after[part] - before[part]) / Number(count)]));
}

async function main() {
  if (!clip || !(Number(count) > 0)) stop('name a clip, and how many frames of it.');
  const puppeteer = loadPuppeteer();
  const executablePath = findBrowser();
  const server = await serve(decode());
  const browser = await puppeteer.launch({ executablePath, args: switches, headless: true });
  try {
    const parts = await measure(browser, server.address().port);
    const total = Object.values(parts).reduce((sum, part) => sum + part);
    console.log(JSON.stringify({ name: 'MediaPipe Selfie Segmentation', what: 'its own WebAssembly in a browser',
      with: await browser.version(), frames: Number(count), cpu_ms_per_frame: total, parts }));
  } finally {
    await browser.close();
    server.close();
  }
}

main().catch((error) => stop(`the browser did not get through: ${error.message}`));
