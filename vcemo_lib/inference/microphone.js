// The browser's half of microphone.py: record between two presses, then hand the whole file over.
function render({ model, el }) {
  const button = document.createElement("button");
  const state = document.createElement("span");
  const say = (label, text) => { button.textContent = label; state.textContent = ` ${text}`; };
  button.className = "jupyter-button";
  el.append(button, state);
  say("Record", "press, speak, press again");

  let recorder = null;
  async function start() {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    const parts = [];
    recorder = new MediaRecorder(stream);
    recorder.ondataavailable = (event) => parts.push(event.data);
    recorder.onstop = async () => {
      stream.getTracks().forEach((track) => track.stop()); // the light of the microphone goes out
      recorder = null;
      model.set("sound", new DataView(await new Blob(parts).arrayBuffer()));
      model.save_changes();
      say("Record", "heard; press to record again");
    };
    recorder.start();
    say("Stop", "recording");
  }

  button.onclick = () => {
    if (recorder) return recorder.stop();
    // A page that did not come by https or from this machine has no mediaDevices at all.
    start().catch((error) => say("Record", `the browser gives no sound (${error.message}): allow the microphone for this page`));
  };
  return () => recorder?.stop();
}

export default { render };
