// What a newcomer sees within minutes: the demonstration from its first line to a definition of one's own.
import { freePort, Program } from "../fixtures/programs.ts";
import { accessible, Complaints, expect, hydrated, test, visit, WIDE } from "../fixtures/test.ts";
import { send, step } from "../fixtures/words.ts";

test("from the demonstration's start to a definition of one's own", async ({ browser }) => {
  test.setTimeout(300_000);
  const program = Program.start(["--demo", "--listen", `127.0.0.1:${await freePort()}`]);
  try {
    const [, url] = await program.line(/Holdfast runs at (\S+)/, 120);
    const [, name, password] = await program.line(/Sign in as (\S+) with the password (\S+)/);
    const began = Date.now();
    const context = await browser.newContext({ baseURL: url!, viewport: WIDE, locale: "en-GB" });
    const page = await context.newPage();
    const complaints = new Complaints();
    complaints.listen(page);

    await page.goto("/");
    await page.getByLabel("Name").fill(name!);
    await page.getByLabel("Password").fill(password!);
    await page.getByRole("button", { name: "Sign in" }).click();
    await hydrated(page);
    const main = page.getByRole("main");
    await expect(page.getByRole("heading", { level: 1 })).toContainText("workspaces need");
    await expect(main).toContainText("loyalty-points");
    await main.getByText("Things to try").click();
    await main.getByRole("link", { name: "New definition" }).last().click();

    await page.getByLabel("Name of the definition").fill("loyalty-nightly");
    await page.getByRole("radio", { name: "zrh-prod-1", exact: true }).check();
    await step(page, "Scope");
    await page.getByRole("checkbox", { name: "loyalty-points", exact: true }).check();
    await step(page, "Schedule");
    await page.getByRole("radio", { name: "Gold nightly", exact: true }).check();
    await step(page, "Review");
    await expect(page.getByText("Nothing stops it")).toBeVisible({ timeout: 20_000 });
    await send(page, "Create definition");
    await expect(page.getByText("Active", { exact: true })).toBeVisible({ timeout: 20_000 });
    expect(Date.now() - began, "a newcomer's way takes less than two minutes").toBeLessThan(120_000);

    for (const path of ["/", "/?protection=at-risk", "/policies", "/definitions", "/runs", "/connections"]) {
      await visit(page, path);
      await accessible(page, `the demonstration's ${path}`);
    }
    await visit(page, "/");
    const rooms = await page.locator('main a[href^="/workspaces/"]').evaluateAll((all) => all.map((a) => a.getAttribute("href")!));
    const pages = [...new Set(rooms)].filter((path) => !path.endsWith("/new"));
    expect(pages.length, "workspaces of the demonstration").toBeGreaterThanOrEqual(12);
    for (const path of [pages[0]!, pages[pages.length - 1]!]) {
      await visit(page, path);
      await accessible(page, `a workspace, ${path}`);
    }
    complaints.verdict();
    await context.close();
  } finally {
    await program.stop();
  }
});
