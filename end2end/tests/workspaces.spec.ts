// A workspace by rules: made, judged from recovery points, changed, taken away.
import { accessible, expect, expectSameDocument, hydrated, mark, test, visit } from "../fixtures/test.ts";
import { connect, define, runNow } from "../fixtures/words.ts";

test("a workspace is judged from the recovery points that exist", async ({ signedIn: page, simulators, scenario, complaints, browser, console }) => {
  test.setTimeout(180_000);
  complaints.allowStatus(422);
  await connect(page, simulators.cluster(scenario), "velero-zrh");
  const definition = await define(page, { name: "web-nightly", connection: "velero-zrh", namespaces: ["web"] });

  await visit(page, "/workspaces/new");
  const form = page.getByRole("main").locator("form");
  await page.getByLabel("Name", { exact: true }).fill("storefront");
  await page.getByLabel("Newest good point no older than (RPO)").fill("0");
  await page.getByLabel("Namespaces").first().fill("web");
  await expect(form).toContainText("web-nightly", { timeout: 15_000 });
  await form.getByRole("button", { name: "Create workspace" }).click();
  await expect(page.getByLabel("Newest good point no older than (RPO)"), "an RPO of zero is refused").toHaveAttribute("aria-invalid", "true");
  await expect(page.getByLabel("Namespaces").first(), "nothing typed is lost").toHaveValue("web");
  await accessible(page, "a workspace that is refused");
  await page.getByLabel("Newest good point no older than (RPO)").fill("26");
  await form.getByRole("button", { name: "Create workspace" }).click();
  await expect(page).toHaveURL(/\/workspaces\/[0-9a-f-]{36}$/);
  await hydrated(page);
  const workspace = new URL(page.url()).pathname;
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Unprotected");
  await accessible(page, "a workspace without a recovery point");

  await visit(page, "/");
  await mark(page);
  const other = await page.context().newPage();
  await runNow(other, definition);
  await other.close();
  const row = page.getByRole("row").filter({ hasText: "storefront" });
  await expect(row, "the status page follows by itself").toContainText("Protected", { timeout: 60_000 });
  await expectSameDocument(page);
  await accessible(page, "the status page with a workspace");

  await visit(page, workspace);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Protected");
  await expect(page.getByRole("region", { name: "Requests" })).toContainText("Succeeded");
  await accessible(page, "a workspace that is protected");

  const plain = await browser.newContext({
    javaScriptEnabled: false,
    storageState: await page.context().storageState(),
    baseURL: console.url,
  });
  const still = await plain.newPage();
  for (const [path, text] of [["/", "storefront"], [workspace, "web-nightly"], ["/policies", "Polic"]] as const) {
    await still.goto(path);
    await expect(still.getByRole("main").getByText(text).filter({ visible: true }).first(), path).toBeVisible();
  }
  await plain.close();

  await visit(page, `${workspace}/edit`);
  await page.getByLabel("Name", { exact: true }).fill("shop front");
  await form.getByRole("button", { name: "Save workspace" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("shop front");
  await hydrated(page);
  await page.getByRole("button", { name: "Delete…" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete workspace" }).click();
  await expect(page).toHaveURL(/\/$/);
  await expect(page.getByRole("main")).not.toContainText("shop front");
});
