((js, wasm) => {
  let leaving = false;
  const root = document.documentElement;
  const broken = () => {
    const note = document.getElementById("broken");
    if (note && !leaving) note.hidden = false;
  };
  addEventListener("pagehide", () => { leaving = true; });
  addEventListener("pageshow", () => { leaving = false; });
  // A panic, or a chunk that did not arrive, ends all islands of the page: say so instead of ignoring clicks.
  const judge = (reason) => { if (reason instanceof WebAssembly.RuntimeError) broken(); };
  addEventListener("error", (event) => judge(event.error));
  addEventListener("unhandledrejection", (event) => judge(event.reason));
  const start = async () => {
    const app = await import(js);
    await app.default({ module_or_path: wasm });
    app.hydrate();
    // One after the other in the document's order: the server numbered the islands' data in that order.
    const walk = async (node, enter) => {
      for (const child of node.children) {
        if (child.localName === "leptos-island") {
          enter?.();
          await app[child.dataset.component]?.(child);
        }
        await walk(child, child.localName === "leptos-children" ? child.$$on_hydrate : enter);
      }
    };
    await walk(document.body);
    root.dataset.ready = "";
  };
  const begin = () => start().catch(broken);
  "requestIdleCallback" in window ? requestIdleCallback(begin, { timeout: 1000 }) : begin();
})
