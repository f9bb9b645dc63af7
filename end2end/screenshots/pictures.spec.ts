// Pictures of the running demonstration, into the folder that HOLDFAST_SCREENSHOTS names.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test, type Page } from "@playwright/test";
import { freePort, Program } from "../fixtures/programs.ts";
import { hydrated, visit } from "../fixtures/test.ts";
import { step } from "../fixtures/words.ts";

const FOLDER = process.env.HOLDFAST_SCREENSHOTS ?? "../docs/screenshots";

test("pictures of the demonstration", async ({ browser }) => {
  mkdirSync(FOLDER, { recursive: true });
  const port = await freePort();
  const program = Program.start(["--demo", "--listen", `127.0.0.1:${port}`]);
  try {
    const [, url] = await program.line(/Holdfast runs at (\S+)/, 120);
    const [, name, password] = await program.line(/Sign in as (\S+) with the password (\S+)/);
    const context = await browser.newContext({ baseURL: url!, viewport: { width: 1440, height: 900 }, colorScheme: "light", reducedMotion: "reduce" });
    const page = await context.newPage();
    await page.goto("/sign-in");
    await page.getByLabel("Name").fill(name!);
    await page.getByLabel("Password").fill(password!);
    await page.getByRole("button", { name: "Sign in" }).click();
    const picture = async (of: Page, file: string) => {
      await of.evaluate(() => {
        (document.activeElement as HTMLElement | null)?.blur();
        window.scrollTo(0, 0);
      });
      await of.screenshot({ path: join(FOLDER, `${file}.png`), animations: "disabled" });
    };

    // Two months are there from the first page on; what runs now is begun here.
    await visit(page, "/definitions");
    await expect(page.getByRole("link", { name: "finance-hourly" })).toBeVisible({ timeout: 30_000 });
    for (const one of ["shop-nightly", "identity-daily", "payments-frequent"]) {
      await visit(page, "/definitions");
      await page.getByRole("link", { name: one, exact: true }).click();
      await hydrated(page);
      await page.getByRole("button", { name: "Run now" }).click();
      await expect(page).toHaveURL(/\/runs\//);
    }
    // The last of them moves its volumes slowly enough to be met on its way.
    await expect(page.getByRole("main")).toContainText(/Running, \d+ %/, { timeout: 60_000 });
    await picture(page, "run");
    await visit(page, "/definitions");
    const shop = page.getByRole("row").filter({ has: page.getByRole("link", { name: "shop-nightly", exact: true }) });
    // Chance decides how it ends, as on a real cluster.
    await expect(shop).toContainText(/Succeeded|Partial|Failed/, { timeout: 90_000 });

    await visit(page, "/definitions");
    await picture(page, "definitions");
    await page.getByRole("link", { name: "shop-nightly", exact: true }).click();
    await hydrated(page);
    await picture(page, "definition");
    const restore = await page.getByRole("link", { name: /^Restore…/ }).first().getAttribute("href");
    await visit(page, "/");
    await picture(page, "status");
    await page.getByRole("main").getByRole("link", { name: "Online shop", exact: true }).first().click();
    await hydrated(page);
    await picture(page, "workspace");
    await visit(page, "/policies");
    await expect(page.getByRole("main").getByRole("link", { name: "Gold nightly" })).toBeVisible();
    await picture(page, "policies");
    await visit(page, "/connections");
    await picture(page, "connections");

    await visit(page, "/definitions/new");
    await page.getByLabel("Name of the definition").fill("ledger-daily");
    await page.getByRole("radio", { name: "zrh-prod-1" }).check();
    await step(page, "Scope");
    for (const namespace of ["ledger", "payments-db"]) await page.getByRole("checkbox", { name: namespace, exact: true }).check();
    await picture(page, "wizard-scope");
    await step(page, "Schedule");
    await page.getByLabel("As cron text").fill("15 3 * * *");
    await expect(page.getByRole("heading", { name: "Next runs" })).toBeVisible();
    await picture(page, "wizard-policy");
    await step(page, "Review");
    await expect(page.getByText("Accepted", { exact: true })).toBeVisible();
    await picture(page, "wizard-review");

    await visit(page, restore!);
    await page.getByRole("textbox", { name: /becomes$/ }).first().fill("checkout-copy");
    await picture(page, "restore");

    await page.emulateMedia({ colorScheme: "dark" });
    await visit(page, "/");
    await picture(page, "status-dark");
    await page.emulateMedia({ colorScheme: "light" });
    await page.setViewportSize({ width: 320, height: 640 });
    await visit(page, "/definitions");
    await picture(page, "definitions-narrow");
    await context.close();
  } finally {
    await program.stop();
  }
});
