// Every page: axe in both themes at both widths, no sideways scroll; and the pages that must read without scripts.
import type { Page } from "@playwright/test";
import { accessible, expect, hydrated, test, visit, WIDE } from "../fixtures/test.ts";
import { connect, define, fillWizard, runNow, step } from "../fixtures/words.ts";

test("set-up is accessible and keeps what was typed", async ({ page, console, complaints }) => {
  complaints.listen(page);
  await page.goto("/");
  await expect(page).toHaveURL(/\/setup$/);
  await accessible(page, "set-up");
  await page.getByLabel("Setup code").fill("AAAA-AAAA-AAAA");
  await page.getByLabel("Name").fill("platform-admin");
  await page.getByLabel("Password", { exact: true }).fill("seven quiet harbours at dawn");
  await page.getByLabel("Password, once more").fill("seven quiet harbours at dawn");
  await page.getByRole("button", { name: "Create administrator" }).click();
  await expect(page.getByText("That is not the code of the newest start.")).toBeVisible();
  await expect(page.getByLabel("Name")).toHaveValue("platform-admin");
  await accessible(page, "set-up, refused");
  expect(console.program.output).not.toContain("seven quiet harbours");
});

test("empty pages lead on and are accessible", async ({ signedIn: page }) => {
  test.setTimeout(120_000);
  for (const [path, heading] of [
    ["/", "Status"],
    ["/definitions", "Definitions"],
    ["/policies", "Policies"],
    ["/policies/new", "New policy"],
    ["/runs", "Runs"],
    ["/recovery-points", "Recovery points"],
    ["/restores", "Restores"],
    ["/connections", "Connections"],
    ["/connections/new", "Add a connection"],
    ["/definitions/new", "Source"],
    ["/workspaces/new", "New workspace"],
    ["/settings/users", "Users"],
    ["/settings/account", "My account"],
  ] as const) {
    await visit(page, path);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(heading);
    await accessible(page, path);
  }
});

test("an address that leads nowhere says so, with its status", async ({ signedIn: page, complaints }) => {
  complaints.allowStatus(404);
  for (const path of [
    "/nowhere", "/workspaces/0", "/workspaces/0/edit", "/definitions/0", "/definitions/0/edit", "/policies/0", "/runs/0", "/restores/0",
    "/connections/0",
  ]) {
    const answer = await page.goto(path);
    expect(answer?.status(), path).toBe(404);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  }
  await page.goto("/nowhere");
  await accessible(page, "not found");
});

test("sign-in is accessible and keeps what was typed", async ({ page, admin, complaints }) => {
  complaints.listen(page);
  await page.goto("/definitions");
  await expect(page).toHaveURL(/sign-in\?.*next/);
  await accessible(page, "sign-in");
  await page.getByLabel("Name").fill("nobody");
  await page.getByLabel("Password").fill("wrong and long enough");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByText("Name or password is wrong.")).toBeVisible();
  await expect(page.getByLabel("Name")).toHaveValue("nobody");
  await accessible(page, "sign-in, refused");
  await page.getByLabel("Name").fill(admin.name);
  await page.getByLabel("Password").fill(admin.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).toHaveURL(/\/definitions$/);
});

test("filled pages are accessible, and read without scripts", async ({ signedIn: page, simulators, scenario, browser, console }) => {
  test.setTimeout(240_000);
  const connection = await connect(page, simulators.cluster(scenario), "velero-zrh");
  const definition = await define(page, { name: "shop-nightly", connection: "velero-zrh", namespaces: ["web"] });
  const run = await runNow(page, definition);
  await accessible(page, "a run under way");
  await expect(page.getByText("It left a whole recovery point.")).toBeVisible({ timeout: 40_000 });
  const restore = (await page.getByRole("link", { name: "Restore…" }).getAttribute("href"))!;
  const point = (await page.getByRole("link", { name: "Whole", exact: true }).getAttribute("href"))!;

  const log = `${run}?log=show&level=`;
  for (const path of [
    "/", "/definitions", definition, `${definition}/edit`, "/runs", run, log, "/recovery-points", point, restore, "/connections",
    connection, `${connection}/edit`,
  ]) {
    await visit(page, path);
    await accessible(page, path);
  }
  await tablesAreTables(page, ["/", "/definitions", "/runs", "/recovery-points", "/connections"]);

  await visit(page, "/definitions/new");
  await fillWizard(page, { name: "shop-weekly", connection: "velero-zrh", namespaces: ["web"] });
  await expect(page.getByText("Accepted", { exact: true })).toBeVisible();
  for (const title of ["Review", "Schedule", "Storage and volumes", "Scope", "Source"]) {
    await step(page, title);
    await accessible(page, `the wizard's step ${title}`);
    // Short steps leave room under them; the buttons stay where the hand is.
    await expect
      .poll(async () => await page.locator(".wiz-foot").evaluate((foot) => Math.abs(Math.round(foot.getBoundingClientRect().bottom - innerHeight))))
      .toBe(0);
  }

  const plain = await browser.newContext({
    javaScriptEnabled: false,
    storageState: await page.context().storageState(),
    baseURL: console.url,
  });
  const still = await plain.newPage();
  for (const [path, text] of [
    ["/", "shop-nightly"],
    ["/definitions", "shop-nightly"],
    ["/definitions?text=nothing-has-this-name", "Nothing fits these filters"],
    [definition, "What is declared"],
    ["/runs", "shop-nightly"],
    [run, "Succeeded"],
    [log, "lines."],
    ["/recovery-points", "shop-nightly"],
    [point, "The run that made it"],
    ["/connections", "Answers"],
    [connection, "Storage locations"],
  ] as const) {
    await still.goto(path);
    await expect(still.getByRole("main").getByText(text).first(), path).toBeVisible();
  }
  await plain.close();
});

test("menus and dialogs are accessible while they are open", async ({ signedIn: page, simulators, scenario }) => {
  test.setTimeout(120_000);
  await connect(page, simulators.cluster(scenario), "velero-zrh");
  const definition = await define(page, { name: "shop-nightly", connection: "velero-zrh", namespaces: ["web"] });
  await visit(page, definition);
  await page.getByRole("button", { name: "Delete…" }).click();
  await expect(page.getByRole("dialog", { name: "Delete shop-nightly?" })).toBeVisible();
  await accessible(page, "the question before deleting");
  await visit(page, "/definitions");
  await page.getByRole("button", { name: "Actions for shop-nightly" }).click();
  await expect(page.getByRole("link", { name: "Delete and more…" })).toBeVisible();
  await accessible(page, "a row's menu");
  await visit(page, "/settings/users");
  await page.getByRole("button", { name: "Add user…" }).click();
  await expect(page.getByRole("dialog", { name: "Add a user" })).toBeVisible();
  await accessible(page, "adding a user");
});

test("the theme that was chosen stays", async ({ signedIn: page }) => {
  await visit(page, "/definitions");
  await page.getByRole("button", { name: "platform-admin" }).click();
  await page.getByRole("button", { name: "Dark" }).click();
  await hydrated(page);
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await visit(page, "/runs");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
});

/** Wide tables are tables in a window of 1280 px and cards in one of 1024 px; in neither does anything stick out. */
async function tablesAreTables(page: Page, paths: string[]): Promise<void> {
  for (const path of paths) {
    await visit(page, path);
    for (const [width, display] of [[1440, "table"], [1280, "table"], [1024, "block"], [320, "block"]] as const) {
      await page.setViewportSize({ width, height: 800 });
      const table = page.getByRole("main").locator("table").last();
      await expect(table, `${path} at ${width} px`).toHaveCSS("display", display);
      const over = await table.evaluate((t) => t.getBoundingClientRect().right - t.parentElement!.getBoundingClientRect().right);
      expect(over, `${path} at ${width} px stays in its panel`).toBeLessThanOrEqual(0.5);
    }
  }
  await page.setViewportSize(WIDE);
}
