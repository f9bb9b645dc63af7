// The journey from an empty console to a deleted definition, step by step, over the simulator.
import { accessible, ADMIN, expect, expectSameDocument, hydrated, mark, test, visit } from "../fixtures/test.ts";
import { askToDelete, deleteForEver, editAtOnce, fillConnection, fillWizard, restoreInto, send, step, testConnection } from "../fixtures/words.ts";

test("from set-up to a restored backup", async ({ page, console, simulators, scenario, complaints, visitor }) => {
  test.setTimeout(240_000);
  complaints.listen(page);
  const cluster = simulators.cluster(scenario);
  const schedule = () => cluster.schedule();
  const backups = async () => (await cluster.list("backups")).map((b) => b.metadata.name);
  let definition = "";
  let run = "";

  await test.step("the first visit makes the first administrator", async () => {
    await page.goto("/definitions");
    await expect(page).toHaveURL(/\/setup$/);
    await page.getByLabel("Setup code").fill(await console.setupCode());
    await page.getByLabel("Name").fill(ADMIN.name);
    await page.getByLabel("Password", { exact: true }).fill(ADMIN.password);
    await page.getByLabel("Password, once more").fill(ADMIN.password);
    await page.getByRole("button", { name: "Create administrator" }).click();
    await expect(page).not.toHaveURL(/setup/);
    expect(console.program.output, "the password is in no log").not.toContain(ADMIN.password);
  });

  await test.step("signing out and in again; set-up has closed", async () => {
    await visit(page, "/");
    await page.getByRole("button", { name: ADMIN.name }).click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await expect(page).toHaveURL(/\/sign-in/);
    await page.goto("/setup");
    await expect(page).toHaveURL(/\/sign-in/);
    await page.getByLabel("Name").fill(ADMIN.name);
    await page.getByLabel("Password").fill(ADMIN.password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page).toHaveURL(/\/$/);
  });

  await test.step("the empty state leads to a connection, which is tested and added", async () => {
    await expect(page.getByRole("heading", { name: "Nothing is connected yet" })).toBeVisible();
    await page.getByRole("link", { name: "Add connection" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Add a connection" })).toBeVisible();
    await hydrated(page);
    const add = page.getByRole("button", { name: "Add", exact: true });
    await expect(add, "off before a test").toBeDisabled();
    await fillConnection(page, cluster, "velero-zrh");
    const report = await testConnection(page);
    await expect(report).toContainText("all 9 steps passed");
    await expect(report).toContainText("Kubernetes v1.34.4");
    await expect(report).toContainText("Velero v1.18.3");
    await expect(report.getByRole("listitem").filter({ hasText: "default, the default" })).toContainText("Available");
    await expect(report.getByRole("listitem").filter({ hasText: "archive" }).last()).toContainText("Read-only");
    await expect(report.getByRole("listitem").filter({ hasText: "offsite" }).last()).toContainText("Unavailable");
    await page.getByLabel("Velero's namespace").fill("velero-other");
    await expect(add, "off for values that were not tested").toBeDisabled();
    await page.getByLabel("Velero's namespace").fill("velero");
    await expect(add).toBeEnabled();
    await add.click();
    await expect(page).toHaveURL(/\/connections\/[0-9a-f-]{36}$/);
    await expect(page.getByRole("main")).toContainText("Answers");
    await expect(page.getByRole("region", { name: "Storage locations" })).toContainText("offsite");
    expect(await page.content(), "the token never comes back").not.toContain(cluster.token);
  });

  await test.step("the wizard leads to a definition", async () => {
    await visit(page, "/definitions");
    await page.getByRole("main").getByRole("link", { name: "New definition" }).first().click();
    await expect(page.getByRole("heading", { level: 1, name: "Source" })).toBeVisible();
    await hydrated(page);
    await step(page, "Review");
    await expect(page.getByRole("region", { name: "What is wrong" })).toContainText("Settle this first");
    await expect(page.getByRole("button", { name: "Create definition" })).toBeDisabled();
    await page.getByRole("button", { name: "Go to Source" }).first().click();
    await expect(page.getByRole("heading", { level: 1, name: "Source" })).toBeVisible();
    await fillWizard(page, { name: "shop-nightly", connection: "velero-zrh", namespaces: ["web"], cron: "30 2 * * *", keepDays: 30 });
    await expect(page.getByText("Nothing stops it")).toBeVisible();
    await expect(page.getByRole("region", { name: "Dry run on the server" })).toContainText("Accepted by velero-zrh");
    const yaml = page.getByRole("region", { name: "Request as YAML" });
    await expect(yaml).toContainText("kind: Schedule");
    await expect(yaml).toContainText(/name: shop-nightly-[0-9a-f]+/);
    await expect(yaml).toContainText("ttl: 720h0m0s");
    await page.getByRole("radio", { name: "curl" }).check({ force: true });
    await expect(page.getByRole("region", { name: "Request as curl" })).toContainText("curl");
    await expect(page.getByRole("region", { name: "Request as curl" })).not.toContainText(cluster.token);
    expect(await schedule(), "nothing is sent before Create").toBeUndefined();
    const pressed = Date.now();
    definition = await send(page, "Create definition");
    await expect.poll(async () => (await schedule())?.spec.schedule, { intervals: [50] }).toBe("CRON_TZ=UTC 30 2 * * *");
    const took = Date.now() - pressed;
    test.info().annotations.push({ type: "measured", description: `Create to Schedule in the cluster: ${took} ms` });
    expect(took, "ms from Create to the Schedule in the cluster").toBeLessThan(2000);
    expect((await schedule())!.spec.template.includedNamespaces).toEqual(["web"]);
    await expect(page.getByText("Active", { exact: true })).toBeVisible();
    await expect(page.getByRole("region", { name: "Timeline" })).toContainText(ADMIN.name);
  });

  await test.step("Run now is followed live", async () => {
    await page.getByRole("button", { name: "Run now" }).click();
    await expect(page).toHaveURL(/\/runs\/[0-9a-f-]{36}$/);
    await hydrated(page);
    run = new URL(page.url()).pathname;
    await mark(page);
    const main = page.getByRole("main");
    await expect(main).toContainText(/Running/);
    await expect(main.getByRole("progressbar", { name: "Progress of the run" })).toBeVisible();
    await expect(main).toContainText("It left a whole recovery point.", { timeout: 30_000 });
    await expectSameDocument(page);
    expect(await backups()).toHaveLength(1);
    expect((await cluster.list("backups"))[0]!.metadata.labels).toMatchObject({
      "velero.io/schedule-name": (await schedule())!.metadata.name,
    });
  });

  await test.step("the run tells its phases, items, results and log", async () => {
    const main = page.getByRole("main");
    await expect(main.getByRole("region", { name: "Phases" })).toBeVisible();
    await expect(main.getByRole("region", { name: "Record" })).toContainText("Completed");
    await expect(main).toContainText("Objects");
    await page.getByRole("link", { name: "Fetch results and log" }).click();
    await expect(page.getByRole("region", { name: "Errors and warnings" })).toContainText("No error and no warning was recorded.");
    await page.getByLabel("Level").selectOption("Everything");
    await page.getByRole("button", { name: "Filter" }).click();
    await expect(page.getByRole("region", { name: "Log", exact: true }).getByRole("listitem").first()).toBeVisible();
    const file = await page.request.get(`${run}/log.txt`);
    expect(file.status()).toBe(200);
    expect(await file.text()).toContain("level=");
    expect(await page.content(), "no pre-signed address reaches the browser").not.toMatch(/\/objects\/|X-Amz-/);
  });

  await test.step("pause, and resume both ways", async () => {
    await visit(page, definition);
    await mark(page);
    const pause = async () => {
      await page.getByRole("button", { name: "Pause" }).click();
      await expect(page.getByRole("button", { name: "Resume…" })).toBeVisible();
      await expect.poll(async () => (await schedule())?.spec.paused).toBe(true);
    };
    await pause();
    await expect(page.getByRole("status").getByText("shop-nightly is paused.")).toBeVisible();
    await page.getByRole("button", { name: "Resume…" }).click();
    await page.getByRole("button", { name: "Resume at the next time" }).click();
    await expect.poll(async () => (await schedule())?.spec.paused).toBe(false);
    await expect.poll(async () => (await schedule())?.status.lastSkipped, { message: "skipImmediately was sent" }).toBeTruthy();
    const skipped = (await schedule())!.status.lastSkipped;
    await expect(page.getByRole("button", { name: "Pause" })).toBeVisible();
    await pause();
    await page.getByRole("button", { name: "Resume…" }).click();
    await page.getByRole("button", { name: "Resume, may run at once" }).click();
    await expect.poll(async () => (await schedule())?.spec.paused).toBe(false);
    expect((await schedule())!.status.lastSkipped, "skipImmediately was not sent").toBe(skipped);
    await expect(page.getByRole("button", { name: "Pause" })).toBeVisible();
    await expectSameDocument(page);
  });

  await test.step("an edit reaches the cluster", async () => {
    await page.getByRole("main").getByRole("link", { name: "Edit", exact: true }).click();
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await hydrated(page);
    await step(page, "Storage and volumes");
    await page.getByLabel("Keep each recovery point for").fill("14");
    await step(page, "Review");
    await send(page, "Save definition");
    await expect.poll(async () => (await schedule())?.spec.template.ttl).toBe("336h0m0s");
  });

  await test.step("of two edits the second sees both versions and keeps what was typed", async () => {
    complaints.allowStatus(409);
    await editAtOnce(page, await visitor(ADMIN), definition, { days: "21", cron: "45 3 * * *" });
    const conflict = page.getByRole("region", { name: `${ADMIN.name} was faster` });
    await expect(conflict).toBeVisible();
    await expect(conflict.getByRole("row", { name: "Kept" })).toContainText("21 days");
    await expect(conflict.getByRole("row", { name: "Kept" })).toContainText("14 days");
    await expect(conflict.getByRole("row", { name: "Schedule" })).toContainText("45 3 * * *");
    await expect(conflict.getByRole("row", { name: "Schedule" })).toContainText("30 2 * * *");
    expect((await schedule())!.spec.schedule, "nothing was saved over theirs").toBe("CRON_TZ=UTC 30 2 * * *");
    await conflict.getByRole("button", { name: "Save mine over it" }).click();
    await expect(page).toHaveURL(definition);
    await expect.poll(async () => (await schedule())?.spec.schedule).toBe("CRON_TZ=UTC 45 3 * * *");
    expect((await schedule())!.spec.template.ttl).toBe("336h0m0s");
  });

  await test.step("an edit in the cluster is drift: re-apply and adopt", async () => {
    await visit(page, definition);
    await expect(page.getByText("Active", { exact: true })).toBeVisible();
    await mark(page);
    await cluster.editSchedule((spec) => (spec.schedule = "CRON_TZ=UTC 0 6 * * *"));
    const drift = page.getByRole("region", { name: "Somebody changed it on velero-zrh" });
    await expect(drift).toContainText("0 6 * * *");
    await expect(drift).toContainText("45 3 * * *");
    expect((await schedule())!.spec.schedule, "nothing is overwritten silently").toBe("CRON_TZ=UTC 0 6 * * *");
    await drift.getByRole("button", { name: "Re-apply what is saved here" }).click();
    await expect.poll(async () => (await schedule())?.spec.schedule).toBe("CRON_TZ=UTC 45 3 * * *");
    await expect(drift).toBeHidden();
    await cluster.editSchedule((spec) => (spec.schedule = "CRON_TZ=UTC 15 5 * * *"));
    await expect(drift).toContainText("15 5 * * *");
    await drift.getByRole("button", { name: "Adopt what velero-zrh has" }).click();
    await expect(drift).toBeHidden();
    await expect(page.getByRole("region", { name: "What is declared" })).toContainText("15 5 * * *");
    expect((await schedule())!.spec.schedule).toBe("CRON_TZ=UTC 15 5 * * *");
    await expectSameDocument(page);
  });

  await test.step("a recovery point is restored into another namespace", async () => {
    const [name] = await backups();
    await restoreInto(page, name!, "velero-zrh", "web", "web-copy");
    await mark(page);
    await expect(page.getByRole("main")).toContainText("Everything that was asked for is back.", { timeout: 30_000 });
    await expect(page.getByRole("main")).toContainText("web → web-copy");
    await expectSameDocument(page);
    await accessible(page, "a restore");
    await visit(page, "/restores");
    await accessible(page, "the restores");
    expect((await cluster.list("deployments")).filter((d) => d.metadata.namespace === "web-copy").map((d) => d.metadata.name)).toContain("storefront");
  });

  await test.step("a backup is deleted for ever", async () => {
    const [name] = await backups();
    await visit(page, definition);
    await page.getByRole("button", { name: "Run now" }).click();
    await expect(page.getByRole("main")).toContainText("It left a whole recovery point.", { timeout: 30_000 });
    const dialog = await askToDelete(page, name!);
    complaints.allowStatus(422);
    await dialog.getByRole("button", { name: "Delete recovery point and its data" }).click();
    await expect(dialog.getByRole("alert"), "without its name nothing is deleted").toContainText(`Type ${name}`);
    await deleteForEver(page, dialog, name!);
    await expect.poll(backups).not.toContain(name);
  });

  await test.step("the definition is deleted, its backups stay", async () => {
    await visit(page, definition);
    await page.getByRole("button", { name: "Delete…" }).click();
    const dialog = page.getByRole("dialog", { name: "Delete shop-nightly?" });
    await expect(dialog).toContainText("1 recovery point stays");
    await dialog.getByRole("button", { name: "Delete definition" }).click();
    await expect(page).toHaveURL(/\/definitions$/);
    await expect.poll(schedule).toBeUndefined();
    await expect(page.getByRole("heading", { name: "No definition yet" })).toBeVisible();
    expect(await backups()).toHaveLength(1);
    await visit(page, "/recovery-points");
    await expect(page.getByRole("row").filter({ hasText: "no definition of Holdfast" })).toHaveCount(1);
  });
});

test("each way of failing has its own sentence", async ({ signedIn: page, simulators, scenario }) => {
  const cluster = simulators.cluster(scenario);
  const bare = simulators.cluster(`${scenario}-bare`);
  const web = simulators.cluster(`${scenario}-web`);
  await bare.seed({ velero_installed: false });
  await web.seed({ kubernetes: false });
  await visit(page, "/connections/new");
  const said: string[] = [];
  for (const [what, form, sentence] of [
    ["a wrong token", { ...cluster, token: "wrong" }, "does not accept the credential"],
    ["a dead host", { ...cluster, address: "http://127.0.0.1:1" }, "127.0.0.1:1"],
    ["an unknown name", { ...cluster, address: "https://nowhere.invalid" }, "is unknown"],
    ["something that isn't Kubernetes", { ...web }, "web page"],
    ["a cluster without Velero", { ...bare }, "Velero is not installed"],
    ["another namespace", { ...cluster, namespace: "elsewhere" }, "no namespace elsewhere"],
  ] as const) {
    await fillConnection(page, form, "velero-zrh");
    const report = await testConnection(page);
    const failed = report.getByRole("listitem").filter({ hasText: "Failed: " });
    await expect(failed, what).toHaveCount(1);
    await expect(failed, what).toContainText(sentence);
    await expect(page.getByRole("button", { name: "Add", exact: true }), what).toBeDisabled();
    said.push((await failed.innerText()).trim());
  }
  expect(new Set(said).size, said.join("\n")).toBe(said.length);
  // What one system's test found says nothing of another system.
  await page.getByLabel("System").selectOption({ label: "Waldur" });
  await expect(page.getByRole("region", { name: "Test" })).toContainText("not tried yet");
  await expect(page.getByRole("region", { name: "Test" }).getByRole("listitem")).toHaveCount(0);
});

test("missing rights are named with their remedy", async ({ signedIn: page, simulators, scenario }) => {
  const cluster = simulators.cluster(scenario);
  await cluster.seed({ missing_permissions: ["create deletebackuprequests.velero.io", "patch schedules.velero.io"] });
  await visit(page, "/connections/new");
  await fillConnection(page, cluster, "velero-zrh");
  const report = await testConnection(page);
  await expect(report).toContainText(/create deletebackuprequests/);
  await expect(report).toContainText(/patch schedules/);
  await expect(report).toContainText("velero-rbac.yaml");
  await expect(page.getByRole("button", { name: "Add", exact: true })).toBeDisabled();
});

test("a kubeconfig is taken, unless it would run or read something on the server", async ({ signedIn: page, simulators, scenario, complaints }) => {
  complaints.allowStatus(422);
  const cluster = simulators.cluster(scenario);
  const config = (user: string) =>
    `apiVersion: v1\nkind: Config\ncurrent-context: a\ncontexts:\n- name: a\n  context: {cluster: c, user: u}\n` +
    `clusters:\n- name: c\n  cluster: {server: '${cluster.address}'}\nusers:\n- name: u\n  user: {${user}}\n`;
  await visit(page, "/connections/new");
  await page.getByLabel("Name", { exact: true }).fill("velero-zrh");
  await page.getByRole("radio", { name: "Pasted kubeconfig" }).check({ force: true });
  const field = page.getByLabel("Kubeconfig", { exact: true });
  for (const [user, why] of [
    ["exec: {apiVersion: client.authentication.k8s.io/v1, command: aws}", "runs a program, which would run on Holdfast's server"],
    ["auth-provider: {name: gcp}", "runs a plug-in"],
    ["tokenFile: /etc/passwd", "names a file, which would be read on Holdfast's server"],
  ] as const) {
    await field.fill(config(user));
    await testConnection(page);
    await expect(page.getByRole("main")).toContainText(why);
    await expect(field).toHaveAttribute("aria-invalid", "true");
  }
  await field.fill(config(`token: ${cluster.token}`));
  await expect(await testConnection(page)).toContainText("all 9 steps passed");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await expect(page).toHaveURL(/\/connections\/[0-9a-f-]{36}$/);
  expect(await page.content()).not.toContain(cluster.token);
});

test("a single backup runs once, at its creation", async ({ signedIn: page, simulators, scenario }) => {
  const cluster = simulators.cluster(scenario);
  const { connect } = await import("../fixtures/words.ts");
  await connect(page, cluster, "velero-zrh");
  await visit(page, "/definitions/new");
  await fillWizard(page, { name: "before-migration", connection: "velero-zrh", namespaces: ["web"] });
  await step(page, "Schedule");
  await page.getByRole("radio", { name: "A single backup" }).check();
  await step(page, "Review");
  await expect(page.getByRole("region", { name: "Request as YAML" })).toContainText("kind: Backup");
  await send(page, "Create definition");
  await expect.poll(async () => (await cluster.list("backups")).length).toBe(1);
  expect(await cluster.list("schedules")).toEqual([]);
  await expect(page.getByRole("region", { name: "Runs" }).getByText("Succeeded")).toBeVisible({ timeout: 30_000 });
});
