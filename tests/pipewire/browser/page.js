'use strict';
// Shows the camera whose name is in the page's address (?camera=NAME) and looks at every frame. `look(points)` tells
// what was seen so far: the test reads it from outside.

const video = document.querySelector('video');
const small = new OffscreenCanvas(160, 90).getContext('2d', { willReadFrequently: true });
const seen = { camera: '', frames: 0, forbidden: 0, state: 'opening', error: '' };

/** Whether a pixel is of the colour that no viewer may see, which the raw camera of the test is full of. */
const isForbidden = (red, green, blue) => red > 180 && blue > 180 && green < 80;

function hasForbidden() {
  small.drawImage(video, 0, 0, 160, 90);
  const { data } = small.getImageData(0, 0, 160, 90);
  for (let i = 0; i < data.length; i += 4) if (isForbidden(data[i], data[i + 1], data[i + 2])) return true;
  return false;
}

function onFrame() {
  seen.frames += 1;
  if (hasForbidden()) seen.forbidden += 1;
  video.requestVideoFrameCallback(onFrame);
}

const sleep = (milliseconds) => new Promise((over) => { setTimeout(over, milliseconds); });

/** Chromium finds cameras a moment after it is first asked, and fails until then. */
async function openCamera(constraints) {
  for (let tries = 40; ; tries -= 1) {
    try {
      return await navigator.mediaDevices.getUserMedia({ video: { width: 1280, height: 720, ...constraints } });
    } catch (error) {
      if (error.name !== 'NotFoundError' || tries === 0) throw error;
      await sleep(500);
    }
  }
}

/** Names are told only once a camera is open; which one that is does not matter as long as nobody looks at it. */
async function openNamed(name) {
  const stream = await openCamera({});
  const [track] = stream.getVideoTracks();
  if (track.label === name) return stream;
  track.stop();
  const cameras = (await navigator.mediaDevices.enumerateDevices()).filter((device) => device.kind === 'videoinput');
  const camera = cameras.find((device) => device.label === name);
  if (!camera) throw new Error(`there is no camera ${name} among ${cameras.map((device) => device.label).join(', ')}`);
  return openCamera({ deviceId: { exact: camera.deviceId } });
}

async function start() {
  const stream = await openNamed(new URLSearchParams(location.search).get('camera'));
  const [track] = stream.getVideoTracks();
  Object.assign(seen, { camera: track.label, state: 'live' });
  track.onended = () => { seen.state = 'ended'; };
  track.onmute = () => { seen.state = 'muted'; };
  track.onunmute = () => { seen.state = 'live'; };
  video.requestVideoFrameCallback(onFrame);
  video.onresize = writeCaption;
  video.srcObject = stream;
}

/** For those who look at pictures of the page. */
function writeCaption() {
  const [, name, version] = /(Firefox|Chrome)\/(\d+)/.exec(navigator.userAgent);
  const size = `${video.videoWidth} × ${video.videoHeight}`;
  document.querySelector('p').textContent = `${name.replace('Chrome', 'Chromium')} ${version}: ${seen.camera}, ${size}`;
}

/** The mean colour of the 8×8 pixels around each point [x, y]. */
function colorsAt(points) {
  const { videoWidth: width, videoHeight: height } = video;
  const canvas = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  canvas.drawImage(video, 0, 0);
  const { data } = canvas.getImageData(0, 0, width, height);
  return points.map(([x, y]) => {
    const sum = [0, 0, 0];
    for (let row = y - 4; row < y + 4; row += 1) {
      for (let i = (row * width + x - 4) * 4; i < (row * width + x + 4) * 4; i += 1) if (i % 4 < 3) sum[i % 4] += data[i];
    }
    return sum.map((value) => Math.round(value / 64));
  });
}

function look(points) {
  return {
    ...seen,
    seconds: performance.now() / 1000,
    width: video.videoWidth,
    height: video.videoHeight,
    colors: video.videoWidth ? colorsAt(points) : [],
  };
}

start().catch((error) => { Object.assign(seen, { state: 'failed', error: `${error.name}: ${error.message}` }); });
