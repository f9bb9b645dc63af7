// The console by the keyboard alone.
import type { Locator, Page } from "@playwright/test";
import { expect, test, visit } from "../fixtures/test.ts";
import { connect, define } from "../fixtures/words.ts";

/** Moves the focus by Tab till it is there; a trap or an unreachable control fails. */
async function tabTo(page: Page, target: Locator, most = 80): Promise<void> {
  await expect(target).toBeVisible();
  for (let i = 0; i < most; i++) {
    if (await target.evaluate((e) => e === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`${most} times Tab did not lead to ${target}`);
}

test("the skip link leads past the navigation", async ({ signedIn: page }) => {
  await visit(page, "/definitions");
  await page.keyboard.press("Tab");
  const skip = page.getByRole("link", { name: "Skip to content" });
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main")).toBeFocused();
});

test("a definition is made by the keyboard alone", async ({ signedIn: page, simulators, scenario }) => {
  const cluster = simulators.cluster(scenario);
  await connect(page, cluster, "velero-zrh");
  await visit(page, "/definitions");
  const open = page.getByRole("main").getByRole("link", { name: "New definition" }).first();
  await tabTo(page, open);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/definitions\/new/);
  const name = page.getByLabel("Name of the definition");
  await expect(page.getByRole("heading", { level: 1, name: "Source" })).toBeVisible();
  await page.waitForFunction(() => document.documentElement.hasAttribute("data-ready"));
  await tabTo(page, name);
  await page.keyboard.type("by-keyboard");
  await tabTo(page, page.getByRole("radio", { name: "velero-zrh" }));
  await page.keyboard.press("Space");

  const next = async (title: string) => {
    await tabTo(page, page.getByRole("button", { name: title, exact: true }));
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { level: 1, name: title })).toBeFocused();
  };
  await next("Scope");
  await tabTo(page, page.getByRole("checkbox", { name: "web", exact: true }));
  await page.keyboard.press("Space");
  await next("Storage and volumes");
  await next("Schedule");
  await tabTo(page, page.getByLabel("As cron text"));
  await page.keyboard.type("30 2 * * *");
  await next("Review");
  await expect(page.getByText("Accepted", { exact: true })).toBeVisible();
  await tabTo(page, page.getByRole("button", { name: "Create definition" }));
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/definitions\/[0-9a-f-]{36}$/);
  await expect.poll(async () => (await cluster.schedule())?.spec.template.includedNamespaces).toEqual(["web"]);
});

test("menus and dialogs by the keyboard: Escape closes, focus returns", async ({ signedIn: page, simulators, scenario }) => {
  await connect(page, simulators.cluster(scenario), "velero-zrh");
  const definition = await define(page, { name: "shop-nightly", connection: "velero-zrh", namespaces: ["web"] });

  await visit(page, definition);
  const ask = page.getByRole("button", { name: "Delete…" });
  await tabTo(page, ask);
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Delete shop-nightly?" });
  await expect(dialog).toBeVisible();
  await expect(dialog.getByRole("button", { name: "Keep it" }), "the safe answer has the focus").toBeFocused();
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(ask).toBeFocused();

  await visit(page, "/definitions");
  const menu = page.getByRole("button", { name: "Actions for shop-nightly" });
  await tabTo(page, menu);
  await page.keyboard.press("Enter");
  const entry = page.getByRole("button", { name: "Run now" });
  await expect(entry).toBeVisible();
  await page.keyboard.press("Tab");
  await expect(entry).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(entry).toBeHidden();
  await expect(menu).toBeFocused();

  const account = page.getByRole("button", { name: "platform-admin" });
  await account.focus();
  await page.keyboard.press("Enter");
  await tabTo(page, page.getByRole("button", { name: "Sign out" }), 10);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/sign-in/);
});

test("on a narrow screen the menu opens and closes by the keyboard", async ({ signedIn: page }) => {
  await page.setViewportSize({ width: 320, height: 640 });
  await visit(page, "/runs");
  const entry = page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Recovery points" });
  await expect(entry).toBeHidden();
  const menu = page.getByRole("button", { name: "Menu" });
  await tabTo(page, menu);
  await page.keyboard.press("Enter");
  await tabTo(page, entry, 10);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/recovery-points/);
});
