// A policy from the library to the cluster: made, followed, changed, kept from being deleted.
import { accessible, expect, hydrated, test, visit } from "../fixtures/test.ts";
import { connect, send, step } from "../fixtures/words.ts";

test("a definition follows a policy and changes with it", async ({ signedIn: page, simulators, scenario, complaints }) => {
  test.setTimeout(180_000);
  complaints.allowStatus(422);
  const cluster = simulators.cluster(scenario);
  await connect(page, cluster, "velero-zrh");

  await visit(page, "/policies/new");
  const form = page.getByRole("form", { name: "Policy" });
  await form.getByRole("button", { name: "Create policy" }).click();
  await expect(form.getByLabel("Name", { exact: true })).toBeFocused();
  await expect(form.getByLabel("Name", { exact: true })).toHaveAttribute("aria-invalid", "true");
  await form.getByLabel("Name", { exact: true }).fill("Gold");
  await expect(page.getByRole("region", { name: "What each system gets" })).toContainText("Velero");
  await form.getByRole("button", { name: "Create policy" }).click();
  await expect(page).toHaveURL(/\/policies\/[0-9a-f-]{36}$/);
  await hydrated(page);
  const policy = new URL(page.url()).pathname;
  await expect(page.getByRole("heading", { level: 1, name: "Gold" })).toBeVisible();
  await accessible(page, "a policy that nothing follows");

  await visit(page, "/definitions/new");
  await page.getByLabel("Name of the definition").fill("shop-nightly");
  await page.getByRole("radio", { name: "velero-zrh", exact: true }).check();
  await step(page, "Scope");
  await page.getByRole("checkbox", { name: "web", exact: true }).check();
  await step(page, "Schedule");
  await page.getByRole("radio", { name: "Gold", exact: true }).check();
  await expect(page.getByLabel("As cron text")).toHaveCount(0);
  await accessible(page, "a policy chosen in the wizard");
  await step(page, "Review");
  await send(page, "Create definition");
  await expect.poll(async () => (await cluster.schedule())?.spec.template.ttl).toBe("336h0m0s");

  await visit(page, policy);
  await page.getByLabel("Keep for").fill("7");
  await expect(page.getByRole("region", { name: "If you save" })).toContainText("1 definition takes it over");
  await page.getByRole("button", { name: "Save and apply to 1 definition" }).click();
  await expect.poll(async () => (await cluster.schedule())?.spec.template.ttl, { timeout: 30_000 }).toBe("168h0m0s");
  await visit(page, policy);
  await expect(page.getByRole("region", { name: "Used by" })).toContainText("In force", { timeout: 30_000 });
  await expect(page.getByRole("button", { name: "Delete…" })).toBeDisabled();
  await accessible(page, "a policy in use");
  await visit(page, "/policies");
  await expect(page.getByRole("row").filter({ hasText: "Gold" })).toContainText("1 definition");
  await accessible(page, "the library");
});

test("two people change one policy", async ({ signedIn: page, complaints }) => {
  complaints.allowStatus(409);
  await visit(page, "/policies/new");
  await page.getByLabel("Name", { exact: true }).fill("Gold");
  await page.getByRole("button", { name: "Create policy" }).click();
  await expect(page).toHaveURL(/\/policies\/[0-9a-f-]{36}$/);
  await hydrated(page);
  const policy = new URL(page.url()).pathname;
  const other = await page.context().newPage();
  await visit(other, policy);
  await other.getByLabel("Keep for").fill("30");
  await other.getByRole("button", { name: "Save policy" }).click();
  await expect(other.getByText(/^Version 2,/)).toBeVisible();
  await other.close();

  await page.getByLabel("Keep for").fill("7");
  await page.getByRole("button", { name: "Save policy" }).click();
  const conflict = page.getByRole("region", { name: /was faster/ });
  await expect(conflict).toContainText("kept 30 days");
  await expect(page.getByLabel("Keep for")).toHaveValue("7");
  await accessible(page, "a policy changed by two");
  await conflict.getByRole("button", { name: "Save mine over it" }).click();
  await expect(page.getByText(/^Version 3,/)).toBeVisible();
});
