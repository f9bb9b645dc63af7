"""Waldur's published client (waldur-api-client) against the simulator of the newest generation, unmodified."""

import unittest

from waldur_api_client import AuthenticatedClient
from waldur_api_client.api.openstack_backups import (
    openstack_backups_count,
    openstack_backups_destroy,
    openstack_backups_list,
    openstack_backups_partial_update,
    openstack_backups_restore,
    openstack_backups_retrieve,
)
from waldur_api_client.api.openstack_flavors import openstack_flavors_list
from waldur_api_client.api.openstack_instances import openstack_instances_backup, openstack_instances_list
from waldur_api_client.api.version import version_retrieve
from waldur_api_client.errors import UnexpectedStatus
from waldur_api_client.models.core_states import CoreStates
from waldur_api_client.models.open_stack_backup_request import OpenStackBackupRequest
from waldur_api_client.models.open_stack_backup_restoration_create_request import OpenStackBackupRestorationCreateRequest
from waldur_api_client.models.patched_open_stack_backup_request import PatchedOpenStackBackupRequest

import stand


class Client(unittest.TestCase):
    def setUp(self):
        self.scenario = f"wc-{self._testMethodName.replace('_', '-')}"
        stand.control(self.scenario, "waldur", "seed", {"generation": "G5"})
        self.client = self.sign_in(stand.token(self.scenario))

    def sign_in(self, token):
        return AuthenticatedClient(base_url=stand.address(self.scenario, "waldur"), token=token, prefix="Token")

    def instance(self):
        return openstack_instances_list.sync(client=self.client)[0]

    def state(self, uuid):
        return openstack_backups_retrieve.sync(uuid, client=self.client).state

    def backup(self, name="before upgrade"):
        body = OpenStackBackupRequest(name=name, description="by the client")
        made = openstack_instances_backup.sync(self.instance().uuid, client=self.client, body=body)
        stand.until("the end of the backup", lambda: self.state(made.uuid) == CoreStates.OK)
        return made

    def test_reads_what_there_is(self):
        self.assertTrue(version_retrieve.sync(client=self.client).version)
        self.assertTrue(self.instance().name)
        self.assertEqual(openstack_backups_list.sync(client=self.client), [])
        self.assertEqual(openstack_backups_count.sync(client=self.client), 0)

    def test_backs_up_edits_and_deletes(self):
        made = self.backup()
        self.assertEqual(made.instance_name, self.instance().name)
        self.assertEqual(openstack_backups_count.sync(client=self.client), 1)
        listed = openstack_backups_list.sync(client=self.client, name="before upgrade")
        self.assertEqual([one.uuid for one in listed], [made.uuid])
        changed = openstack_backups_partial_update.sync(
            made.uuid, client=self.client, body=PatchedOpenStackBackupRequest(description="kept"))
        self.assertEqual(changed.description, "kept")
        openstack_backups_destroy.sync_detailed(made.uuid, client=self.client)
        stand.until("its going", lambda: not openstack_backups_list.sync(client=self.client))
        with self.assertRaises(UnexpectedStatus) as refused:
            openstack_backups_retrieve.sync(made.uuid, client=self.client)
        self.assertEqual(refused.exception.status_code, 404)

    def test_reads_all_pages(self):
        for number in range(23):
            stand.control(self.scenario, "waldur", "put", {"resource": "backups", "instance": self.instance().name,
                                                           "fields": {"name": f"put {number}"}})
        whole = openstack_backups_list.sync_all(client=self.client)
        self.assertEqual(len({one.uuid for one in whole}), 23)
        page = openstack_backups_list.sync_detailed(client=self.client, page_size=10)
        self.assertEqual((len(page.parsed), page.headers["x-result-count"]), (10, "23"))

    def test_restores(self):
        made = self.backup()
        flavor = openstack_flavors_list.sync(client=self.client)[0]
        before = len(openstack_instances_list.sync_all(client=self.client))
        body = OpenStackBackupRestorationCreateRequest(flavor=flavor.url, floating_ips=[], ports=[], name="drill")
        restored = openstack_backups_restore.sync(made.uuid, client=self.client, body=body)
        self.assertEqual(restored.name, "drill")
        there = lambda: [i for i in openstack_instances_list.sync_all(client=self.client) if i.uuid == restored.uuid]
        stand.until("the new instance", lambda: there() and there()[0].state == CoreStates.OK)
        self.assertEqual(len(openstack_instances_list.sync_all(client=self.client)), before + 1)

    def test_a_wrong_token_is_told(self):
        with self.assertRaises(UnexpectedStatus) as refused:
            openstack_backups_list.sync(client=self.sign_in("wrong"))
        self.assertEqual(refused.exception.status_code, 401)


if __name__ == "__main__":
    stand.main()
