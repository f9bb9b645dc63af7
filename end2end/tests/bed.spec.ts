// The journey on a real Kubernetes API with a real Velero, as a user with exactly the rights of deploy/velero-rbac.yaml.
import { Bed, noBed, OTHER_CA } from "../fixtures/bed.ts";
import { ADMIN, expect, expectSameDocument, mark, test, visit } from "../fixtures/test.ts";
import { askToDelete, deleteForEver, editAtOnce, fillConnection, fillWizard, restoreInto, runNow, send, step, testConnection } from "../fixtures/words.ts";

test("the whole journey on a real cluster", async ({ page, console, complaints, visitor }) => {
  const reason = noBed();
  test.skip(reason !== "", reason);
  test.setTimeout(240_000);
  complaints.listen(page);
  const bed = new Bed();
  // The bed may have run before: names of this run are its own.
  const name = `journey-${Date.now().toString(36)}`;
  const copy = `${name}-copy`;
  const schedule = () => bed.schedule(name);
  let definition = "";

  await test.step("set-up", async () => {
    await page.goto("/");
    await page.getByLabel("Setup code").fill(await console.setupCode());
    await page.getByLabel("Name").fill(ADMIN.name);
    await page.getByLabel("Password", { exact: true }).fill(ADMIN.password);
    await page.getByLabel("Password, once more").fill(ADMIN.password);
    await page.getByRole("button", { name: "Create administrator" }).click();
    await expect(page.getByRole("heading", { name: "Nothing is connected yet" })).toBeVisible();
  });

  await test.step("a connection: wrong authority, wrong token, then right", async () => {
    await visit(page, "/connections/new");
    for (const [form, sentence] of [
      [{ ...bed, ca: OTHER_CA }, /certificate/i],
      [{ ...bed, token: "wrong" }, "does not accept the credential"],
      [{ ...bed, namespace: "elsewhere" }, "no namespace elsewhere"],
    ] as const) {
      await fillConnection(page, { address: form.address, token: form.token, ca: form.ca, namespace: form.namespace }, "bed");
      const report = await testConnection(page);
      await expect(report.getByRole("listitem").filter({ hasText: "Failed: " })).toContainText(sentence);
      await expect(page.getByRole("button", { name: "Add", exact: true })).toBeDisabled();
    }
    await fillConnection(page, bed, "bed");
    const report = await testConnection(page);
    await expect(report).toContainText(/all 9 steps passed|passed, with/);
    await expect(report).toContainText(/Kubernetes v1\./);
    await expect(report).toContainText(/Velero v1\./);
    await expect(report.getByRole("listitem").filter({ hasText: "default" }).last()).toContainText("Available");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await expect(page).toHaveURL(/\/connections\/[0-9a-f-]{36}$/);
    await expect(page.getByRole("region", { name: "Facts" })).toContainText("Answers");
  });

  await test.step("a definition by the wizard, in the cluster within two seconds", async () => {
    await visit(page, "/definitions/new");
    await fillWizard(page, { name, connection: "bed", namespaces: ["shop"], cron: "30 2 * * *", keepDays: 2 });
    await expect(page.getByRole("region", { name: "Dry run on the server" })).toContainText("Accepted by bed");
    expect(await schedule(), "nothing is sent before Create").toBeUndefined();
    const pressed = Date.now();
    definition = await send(page, "Create definition");
    await expect.poll(async () => (await schedule())?.spec.schedule, { intervals: [50] }).toBe("CRON_TZ=UTC 30 2 * * *");
    const took = Date.now() - pressed;
    process.stdout.write(`    Create to Schedule in the real cluster: ${took} ms\n`);
    expect(took, "ms from Create to the Schedule in the cluster").toBeLessThan(2000);
    await expect(page.getByText("Active", { exact: true })).toBeVisible();
  });

  await test.step("Run now, followed live, with results and log", async () => {
    const run = await runNow(page, definition);
    await mark(page);
    const main = page.getByRole("main");
    await expect(main).toContainText("It left a whole recovery point.", { timeout: 60_000 });
    await expectSameDocument(page);
    await page.getByRole("link", { name: "Fetch results and log" }).click();
    await expect(page.getByRole("region", { name: "Errors and warnings" })).toContainText(/No error|warning/, { timeout: 20_000 });
    await page.getByLabel("Level").selectOption("Everything");
    await page.getByRole("button", { name: "Filter" }).click();
    await expect(page.getByRole("region", { name: "Log", exact: true }).getByRole("listitem").first()).toBeVisible({ timeout: 20_000 });
    expect(await page.content(), "no pre-signed address reaches the browser").not.toContain("X-Amz-");
    const file = await page.request.get(`${run}/log.txt`);
    expect(await file.text()).toContain("level=info");
  });

  await test.step("pause, resume at the next time, edit", async () => {
    await visit(page, definition);
    await page.getByRole("button", { name: "Pause" }).click();
    await expect.poll(async () => (await schedule())?.spec.paused).toBe(true);
    await page.getByRole("button", { name: "Resume…" }).click();
    await page.getByRole("button", { name: "Resume at the next time" }).click();
    await expect.poll(async () => (await schedule())?.spec.paused ?? false).toBe(false);
    await expect.poll(async () => (await schedule())?.status.lastSkipped, { timeout: 20_000 }).toBeTruthy();
    await expect(page.getByRole("button", { name: "Pause" })).toBeVisible();
    await visit(page, `${definition}/edit?step=storage`);
    await page.getByLabel("Keep each recovery point for").fill("3");
    await step(page, "Review");
    await send(page, "Save definition");
    await expect.poll(async () => (await schedule())?.spec.template.ttl).toBe("72h0m0s");
  });

  await test.step("two edits at once", async () => {
    complaints.allowStatus(409);
    await editAtOnce(page, await visitor(ADMIN), definition, { days: "4", cron: "45 3 * * *" });
    const conflict = page.getByRole("region", { name: `${ADMIN.name} was faster` });
    await expect(conflict.getByRole("row", { name: "Kept" })).toContainText("4 days");
    await expect(conflict.getByRole("row", { name: "Schedule" })).toContainText("45 3 * * *");
    await conflict.getByRole("button", { name: "Save mine over it" }).click();
    await expect.poll(async () => (await schedule())?.spec.schedule).toBe("CRON_TZ=UTC 45 3 * * *");
  });

  await test.step("drift: re-apply and adopt", async () => {
    await visit(page, definition);
    await expect(page.getByText("Active", { exact: true })).toBeVisible();
    const drift = page.getByRole("region", { name: "Somebody changed it on bed" });
    await bed.editSchedule(name, { schedule: "CRON_TZ=UTC 0 6 * * *" });
    await expect(drift).toContainText("0 6 * * *");
    await drift.getByRole("button", { name: "Re-apply what is saved here" }).click();
    await expect.poll(async () => (await schedule())?.spec.schedule).toBe("CRON_TZ=UTC 45 3 * * *");
    await expect(drift).toBeHidden();
    await bed.editSchedule(name, { schedule: "CRON_TZ=UTC 15 5 * * *" });
    await expect(drift).toContainText("15 5 * * *");
    await drift.getByRole("button", { name: "Adopt what bed has" }).click();
    await expect(drift).toBeHidden();
    await expect(page.getByRole("region", { name: "What is declared" })).toContainText("15 5 * * *");
  });

  const [backup] = await bed.backups(name);
  await test.step("a restore into another namespace", async () => {
    await restoreInto(page, backup!, "bed", "shop", copy);
    await expect(page.getByRole("main")).toContainText(/Everything that was asked for is back.|Something could not be brought back/, { timeout: 60_000 });
    await expect(page.getByRole("main")).toContainText(`shop → ${copy}`);
    const [was, is] = [await bed.configMaps("shop"), await bed.configMaps(copy)];
    expect(was.length).toBeGreaterThan(0);
    expect(is, "what was there is there again").toEqual(expect.arrayContaining(was));
  });

  await test.step("a backup deleted for ever, then the definition; the other backup stays", async () => {
    await runNow(page, definition);
    await expect(page.getByRole("main")).toContainText("It left a whole recovery point.", { timeout: 60_000 });
    await deleteForEver(page, await askToDelete(page, backup!), backup!);
    expect(await bed.backups(name)).not.toContain(backup);
    await visit(page, definition);
    await page.getByRole("button", { name: "Delete…" }).click();
    await page.getByRole("button", { name: "Delete definition" }).click();
    await expect(page).toHaveURL(/\/definitions$/);
    await expect.poll(schedule).toBeUndefined();
    expect(await bed.backups(name)).toHaveLength(1);
  });
  await bed.forget(copy);
});
