// Each system beside Velero from the connection form to a restore, over its simulator, whose work goes faster than real work.
import { freePort, Program } from "../fixtures/programs.ts";
import { accessible, expect, expectSameDocument, hydrated, mark, test, visit } from "../fixtures/test.ts";
import { runNow, send, step, testConnection } from "../fixtures/words.ts";
import type { Page } from "@playwright/test";

type System = {
  /** What tells its line among those that `holdfast sim` prints. */
  line: { system: string; generation?: string };
  word: string;
  /** The card of what is protected. */
  subject: string;
  /** A namespace to choose, where the system chooses by namespaces. */
  namespace?: string;
  /** Where its backups must be sent somewhere: the first location is taken. */
  located?: boolean;
  cron: string;
  keep?: Record<string, string>;
  /** Fills what the restore form asks beyond its defaults. */
  restore: (page: Page) => Promise<void>;
};

const SYSTEMS: System[] = [
  {
    line: { system: "cloudcasa" },
    word: "CloudCasa",
    subject: "staging",
    namespace: "checkout",
    cron: "30 2 * * *",
    keep: { "Keep each recovery point for": "14" },
    restore: async (page) => {
      await page.getByLabel("checkout becomes").fill("checkout-drill");
    },
  },
  {
    line: { system: "astra" },
    word: "Astra Control",
    subject: "checkout",
    cron: "30 2 * * *",
    keep: { "Keep at most the newest": "7", "Snapshots beside the copies": "2" },
    restore: async (page) => {
      await page.getByLabel("Name of the new app").fill("checkout-drill");
      for (const field of await page.getByLabel(/ becomes$/).all()) await field.fill(`${await field.inputValue()}-drill`);
    },
  },
  {
    line: { system: "palette" },
    word: "Palette",
    subject: "analytics",
    namespace: "analytics",
    located: true,
    cron: "30 2 * * *",
    keep: { "Keep each recovery point for": "14" },
    restore: async () => {},
  },
  {
    line: { system: "waldur", generation: "G4" },
    word: "Waldur",
    subject: "storefront-1",
    cron: "30 2 * * *",
    keep: { "Keep each recovery point for": "14", "Keep at most the newest": "7" },
    restore: async (page) => {
      await page.getByLabel("Name of the new instance").fill("storefront-drill");
      await page.getByLabel(/Size of the new instance|Flavour|Flavor/).selectOption({ index: 1 });
    },
  },
];

test.describe("each system from its connection to a restore", () => {
  for (const system of SYSTEMS) {
    test(system.word, async ({ signedIn: page }) => {
      test.setTimeout(300_000);
      const port = await freePort();
      const simulators = Program.start(["sim", "--listen", `127.0.0.1:${port}`, "--speed", "30"]);
      try {
        await simulators.line(/"generation"\s*:\s*"G5"/);
        const lines = simulators.output.split("\n").filter((l) => l.startsWith("{")).map((l) => JSON.parse(l));
        const line = lines.find((l) => l.system === system.line.system && l.generation === system.line.generation)!;
        await journey(page, system, line);
      } finally {
        await simulators.stop();
      }
    });
  }
});

async function journey(page: Page, system: System, line: Record<string, string>): Promise<void> {
  const main = page.getByRole("main");
  const connection = `${system.line.system}-one`;
  const name = `${system.line.system}-daily`;

  await test.step("the connection is tested and added", async () => {
    await visit(page, "/connections/new");
    await page.getByLabel("System").selectOption({ label: system.word });
    await page.getByLabel("Name", { exact: true }).fill(connection);
    await page.locator("#address").fill(line.base_url!);
    await page.locator("#credential").fill(line.credential!);
    const account = line.account_id ?? line.project_uid;
    if (account !== undefined) await page.locator("#account").fill(account);
    await expect(await testConnection(page)).toContainText(/steps passed|passed, with/);
    await accessible(page, `${system.word}: the connection form, tested`);
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await expect(page).toHaveURL(/\/connections\/[0-9a-f-]{36}$/);
    await expect(main).toContainText("Answers");
    expect(await page.content(), "the credential never comes back").not.toContain(line.credential!);
  });

  const definition = await test.step("the wizard leads to a definition in force", async () => {
    await visit(page, "/definitions/new");
    await page.getByLabel("Name of the definition").fill(name);
    await page.getByRole("radio", { name: connection, exact: true }).check({ force: true });
    await step(page, "Scope");
    await page.getByRole("radio", { name: system.subject, exact: true }).check({ force: true });
    if (system.namespace !== undefined) await page.getByRole("checkbox", { name: system.namespace, exact: true }).check();
    await accessible(page, `${system.word}: scope`);
    await step(page, "Storage and volumes");
    if (system.located === true) await page.locator("#location").getByRole("radio").nth(1).check({ force: true });
    for (const [label, value] of Object.entries(system.keep ?? {})) await page.getByLabel(label).first().fill(value);
    await accessible(page, `${system.word}: storage`);
    await step(page, "Schedule");
    await page.getByLabel("As cron text").fill(system.cron);
    await accessible(page, `${system.word}: schedule`);
    await step(page, "Review");
    await expect(page.getByText("Nothing stops it")).toBeVisible({ timeout: 20_000 });
    await accessible(page, `${system.word}: review`);
    await expect(page.getByRole("region", { name: /^Request/ }).first()).not.toContainText(line.credential!);
    const path = await send(page, "Create definition");
    await expect(page.getByText("Active", { exact: true })).toBeVisible({ timeout: 20_000 });
    return path;
  });

  const run = await test.step("a run is followed to its end without a reload", async () => {
    const path = await runNow(page, definition);
    await mark(page);
    await expect(main).toContainText("It left a whole recovery point.", { timeout: 90_000 });
    await expectSameDocument(page);
    await accessible(page, `${system.word}: a run`);
    return path;
  });

  await test.step("an edit is saved and comes into force", async () => {
    await visit(page, `${definition}/edit`);
    await step(page, "Schedule");
    await page.getByLabel("As cron text").fill("45 3 * * *");
    await step(page, "Review");
    await expect(page.getByText("Nothing stops it")).toBeVisible({ timeout: 20_000 });
    await send(page, "Save definition");
    await expect(main).toContainText("03:45");
    await expect(page.getByText("Active", { exact: true })).toBeVisible({ timeout: 20_000 });
  });

  await test.step("pause and resume", async () => {
    await visit(page, definition);
    await page.getByRole("button", { name: "Pause" }).click();
    await expect(page.getByText("Paused", { exact: true }).first()).toBeVisible({ timeout: 20_000 });
    await page.getByRole("button", { name: "Resume", exact: true }).click();
    await expect(page.getByText("Active", { exact: true })).toBeVisible({ timeout: 20_000 });
  });

  const point = await test.step("its recovery point is restored", async () => {
    await visit(page, run);
    await page.getByRole("link", { name: "Whole", exact: true }).click();
    await hydrated(page);
    const path = new URL(page.url()).pathname;
    const title = (await page.getByRole("heading", { level: 1 }).innerText()).split("\n")[0]!.trim();
    await main.getByRole("link", { name: /^Restore…/ }).first().click();
    await expect(page.getByRole("heading", { level: 1, name: /^Restore/ })).toBeVisible();
    await hydrated(page);
    await system.restore(page);
    await accessible(page, `${system.word}: the restore form`);
    await main.getByRole("button", { name: /^Restore/ }).click();
    await expect(page).toHaveURL(/\/restores\/[0-9a-f-]{36}$/);
    await hydrated(page);
    await expect(main).toContainText("Everything that was asked for is back.", { timeout: 90_000 });
    await accessible(page, `${system.word}: a restore`);
    return { path, title };
  });

  await test.step("the recovery point is deleted for ever", async () => {
    await visit(page, point.path);
    await page.getByRole("button", { name: "Delete for ever…" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel(`Type ${point.title} to confirm`).fill(point.title);
    await dialog.getByRole("button", { name: "Delete recovery point and its data" }).click();
    await expect(page).toHaveURL(/\/recovery-points$/);
    await expect.poll(async () => (await page.request.get(point.path)).status(), { timeout: 60_000 }).toBe(404);
  });

  await test.step("the definition is deleted", async () => {
    await visit(page, definition);
    await page.getByRole("button", { name: "Delete…" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete definition" }).click();
    await expect(page).toHaveURL(/\/definitions$/);
    await expect(page.getByRole("heading", { name: "No definition yet" })).toBeVisible({ timeout: 20_000 });
  });
}
