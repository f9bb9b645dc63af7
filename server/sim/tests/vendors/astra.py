"""NetApp's toolkit for Astra Control (actoolkit) against the simulator, unmodified."""

import contextlib
import io
import unittest

import requests
from astraSDK import apps, backups, buckets, clouds, clusters, namespaces, protections, snapshots, storageclasses

import stand

ACCOUNT = "5b1e0c1a-6c1f-4f0e-9d6b-0d2f6a1c7e11"


def config(scenario, key=None):
    """What the toolkit would read from its file, but for the scheme: it insists on https there."""
    session = requests.Session()
    session.headers.update({"Authorization": f"Bearer {key or stand.token(scenario)}"})
    base = f"{stand.address(scenario, 'astra')}/accounts/{ACCOUNT}/"
    return {"base": base, "session": session, "domain": "sim", "account_id": ACCOUNT}


def quietly(call):
    """The toolkit prints what goes wrong."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return call()


class Toolkit(unittest.TestCase):
    def setUp(self):
        self.scenario = f"tk-{self._testMethodName.replace('_', '-')}"
        stand.control(self.scenario, "astra", "seed", {"account_id": ACCOUNT, "deletion_seconds": 5})
        self.config = config(self.scenario)

    def app(self):
        return apps.getApps(config=self.config).main()["items"][0]

    def state(self, backup):
        return {b["id"]: b["state"] for b in backups.getBackups(config=self.config).main()["items"]}.get(backup)

    def backup(self, name="toolkit"):
        made = backups.takeBackup(config=self.config).main(self.app()["id"], name)
        self.assertIsInstance(made, str)
        stand.until("the end of the backup", lambda: self.state(made) == "completed")
        return made

    def test_lists_what_there_is(self):
        for listing in (clouds.getClouds, clusters.getClusters, clusters.getManagedClusters, namespaces.getNamespaces,
                        apps.getApps, buckets.getBuckets, storageclasses.getStorageClasses):
            found = listing(config=self.config).main()
            self.assertTrue(found["items"], listing.__name__)
        self.assertEqual(backups.getBackups(config=self.config).main(), {"items": []})
        table = backups.getBackups(config=self.config, output="table").main()
        self.assertIn("backupName", table)

    def test_backs_up_and_deletes(self):
        made = self.backup()
        shown = backups.getBackups(config=self.config).main(appFilter=self.app()["name"])["items"][0]
        self.assertEqual((shown["percentDone"], shown["bytesDone"]), (100, shown["totalBytes"]))
        self.assertIs(quietly(lambda: backups.takeBackup(config=self.config).main(self.app()["id"], "toolkit")), False)
        self.assertIs(backups.destroyBackup(config=self.config).main(self.app()["id"], made), True)
        self.assertIn(self.state(made), ("deleting", None), "deletion was accepted, not done")
        stand.until("its going", lambda: self.state(made) is None)
        self.assertIs(quietly(lambda: backups.destroyBackup(config=self.config).main(self.app()["id"], made)), False)

    def test_snapshots(self):
        app = self.app()["id"]
        made = snapshots.takeSnap(config=self.config).main(app, "snap")
        look = lambda: {s["id"]: s["state"] for s in snapshots.getSnaps(config=self.config).main()["items"]}.get(made)
        stand.until("the snapshot", lambda: look() == "completed")
        self.assertIsInstance(backups.takeBackup(config=self.config).main(app, "of-snap", snapshotID=made), str)

    def test_protection_policies(self):
        app = self.app()["id"]
        create = protections.createProtectionpolicy(config=self.config)
        # The toolkit sends "*" for what does not apply, and the server leaves it out.
        daily = create.main("daily", "14", "2", "*", "*", "2", "30", app)
        self.assertEqual((daily["granularity"], daily["hour"], daily["backupRetention"]), ("daily", "2", "14"))
        self.assertNotIn("dayOfWeek", daily)
        self.assertTrue(create.main("weekly", "4", "1", "0", "*", "3", "0", app))
        self.assertTrue(create.main("monthly", "12", "0", "*", "1", "4", "0", app))
        self.assertIs(quietly(lambda: create.main("daily", "14", "2", "*", "*", "2", "30", app)), False)
        update = protections.updateProtectionpolicy(config=self.config)
        # 204 without a body: the toolkit finds no JSON and says so.
        self.assertIsNone(quietly(lambda: update.main(app, daily["id"], "daily", "7", "1", minute="15", hour="5")))
        there = protections.getProtectionpolicies(config=self.config).main(appFilter=app)["items"]
        after = next(policy for policy in there if policy["id"] == daily["id"])
        self.assertEqual((after["backupRetention"], after["minute"], after["name"]), ("7", "15", "daily schedule"))
        self.assertIs(protections.destroyProtectiontionpolicy(config=self.config).main(app, daily["id"]), True)
        self.assertEqual(len(protections.getProtectionpolicies(config=self.config).main(appFilter=app)["items"]), 2)

    def test_restores_in_place_and_to_a_new_namespace(self):
        made, app = self.backup(), self.app()
        self.assertIs(apps.restoreApp(config=self.config).main(app["id"], backupID=made), True)
        self.assertIn(self.app()["state"], ("restoring", "discovering", "ready"))
        stand.until("the app's return", lambda: self.app()["state"] == "ready")
        mapping = [{"source": name, "destination": f"drill-{name}"} for name in app["namespaces"]]
        clone = apps.cloneApp(config=self.config).main(
            "drill", app["clusterID"], app["clusterID"], namespaceMapping=mapping, backupID=made)
        self.assertTrue(clone, "the restore was refused")
        found = lambda: next(a for a in apps.getApps(config=self.config).main()["items"] if a["name"] == "drill")
        stand.until("the new app", lambda: found()["state"] == "ready")

    def test_a_wrong_token_is_told(self):
        wrong = config(self.scenario, "wrong")
        self.assertIs(quietly(lambda: apps.getApps(config=wrong).main()), False)


if __name__ == "__main__":
    stand.main()
