// How fresh pages are, and what their views cost upstream.
import { expect, expectSameDocument, mark, test, visit } from "../fixtures/test.ts";
import { connect, define, runNow } from "../fixtures/words.ts";

test("a change upstream is on the screen within a second", async ({ signedIn: page, simulators, scenario }) => {
  const cluster = simulators.cluster(scenario);
  await connect(page, cluster, "velero-zrh");
  const name = "nightly-20260101000000";
  const backup = (phase: string) => ({
    metadata: { name, namespace: "velero" },
    spec: { includedNamespaces: ["web"], storageLocation: "default", ttl: "720h0m0s" },
    status: {
      phase,
      startTimestamp: "2026-01-01T00:00:00Z",
      completionTimestamp: "2026-01-01T00:01:00Z",
      expiration: "2036-01-01T00:00:00Z",
    },
  });
  await cluster.put("Backup", backup("Completed"));
  await visit(page, "/runs");
  const row = page.getByRole("row").filter({ hasText: name });
  await expect(row).toContainText("Succeeded");
  await mark(page);

  const took: number[] = [];
  const words: Record<string, string> = { Failed: "Failed", PartiallyFailed: "Partial", Completed: "Succeeded" };
  for (const phase of ["Failed", "PartiallyFailed", "Completed", "Failed", "PartiallyFailed", "Completed", "Failed"]) {
    // The moment of painting is told by the page itself: asking it again and again would take its time.
    const seen = page.evaluate(
      ([name, word]) =>
        new Promise<number>((resolve) => {
          const look = () => {
            const row = [...document.querySelectorAll("tr")].find((tr) => tr.textContent?.includes(name!));
            if (!row?.textContent?.includes(word!)) return;
            observer.disconnect();
            requestAnimationFrame(() => setTimeout(() => resolve(Date.now())));
          };
          const observer = new MutationObserver(look);
          observer.observe(document.body, { subtree: true, childList: true, characterData: true });
        }),
      [name, words[phase]!] as const,
    );
    const began = Date.now();
    await cluster.put("Backup", backup(phase));
    took.push((await seen) - began);
    await expect(row).toContainText(words[phase]!);
  }
  await expectSameDocument(page);
  const sorted = took.toSorted((a, b) => a - b);
  const [median, worst] = [sorted[Math.floor(sorted.length / 2)]!, sorted.at(-1)!];
  const told = `upstream change to pixel: median ${median} ms, worst ${worst} ms of ${took.length}`;
  test.info().annotations.push({ type: "measured", description: told });
  process.stdout.write(`    ${told}\n`);
  expect(worst, told).toBeLessThan(1000);
});

test("no page view asks an upstream", async ({ signedIn: page, simulators, scenario }) => {
  test.setTimeout(120_000);
  const cluster = simulators.cluster(scenario);
  const connection = await connect(page, cluster, "velero-zrh");
  const definition = await define(page, { name: "shop-nightly", connection: "velero-zrh", namespaces: ["web"] });
  const run = await runNow(page, definition);
  await expect(page.getByText("It left a whole recovery point.")).toBeVisible({ timeout: 40_000 });
  const restore = (await page.getByRole("link", { name: "Restore…" }).getAttribute("href"))!;
  await visit(page, restore);
  await page.getByLabel("web becomes").fill("web-copy");
  await page.getByRole("button", { name: "Restore 1 namespace" }).click();
  await expect(page.getByText("Everything that was asked for is back.")).toBeVisible({ timeout: 40_000 });
  const restored = new URL(page.url()).pathname;

  // Holdfast asks for the version of its own accord every 20 seconds, and renews its watches; page views do nothing.
  const own = (call: { method: string; path: string }) => /^\/version(\?|$)/.test(call.path) || /[?&]watch=true/.test(call.path);
  const pages = [
    "/", "/definitions", "/definitions?state=attention", definition, "/runs", run, "/recovery-points", restore, "/restores", restored, "/connections",
    connection, `${connection}/edit`, "/connections/new", "/settings/users", "/settings/account", "/nowhere",
  ];
  for (const path of pages) {
    await cluster.resetCalls();
    for (let i = 0; i < 3; i++) await page.request.get(path);
    const asked = (await cluster.calls()).recent.filter((call) => !own(call));
    expect(asked, `upstream calls by ${path}`).toEqual([]);
  }
  // And in a browser, where islands start too.
  for (const path of pages.filter((p) => p !== "/nowhere")) {
    await cluster.resetCalls();
    await visit(page, path);
    const asked = (await cluster.calls()).recent.filter((call) => !own(call));
    expect(asked, `upstream calls by ${path} in a browser`).toEqual([]);
  }
  process.stdout.write(`    0 upstream calls over ${pages.length} pages\n`);
});
