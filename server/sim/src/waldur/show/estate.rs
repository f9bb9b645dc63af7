//! What backups are made of and restored into: projects, instances, flavours, networks.

use serde_json::{Map, Value, json};

use super::{Look, map};
use crate::waldur::model::{Flavor, Image, Instance, Piece, Project, State};
use crate::waldur::options::Generation;
use crate::waldur::route::Resource;

const CUSTOMER: &str = "6f2d0c9b8a7e4d5f9c1b3a2e4d5f6a7b";
const SERVICE: &str = "1c9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f";

impl Look<'_> {
    /// Where something belongs: customer, project, and the OpenStack service behind it.
    pub(super) fn place(&self, project: &Project) -> Map<String, Value> {
        let mut shown = map(json!({
            "project": self.url(Resource::Projects, &project.uuid), "project_name": project.name,
            "project_uuid": self.id(&project.uuid),
            "customer": self.url_of("customers", CUSTOMER), "customer_uuid": self.id(CUSTOMER),
            "customer_name": "Example Retail", "customer_native_name": "", "customer_abbreviation": "EXR",
            "service_name": "Frankfurt 1",
        }));
        let more = match self.generation() {
            Generation::G2 | Generation::G3 => json!({
                "service": self.url_of(self.generation().prefix(), SERVICE), "service_uuid": self.id(SERVICE),
                "service_project_link": format!("{}/api/{}-service-project-link/7/", self.base, self.generation().prefix()),
                "tags": [],
            }),
            _ => json!({
                "service_settings": self.url_of("service-settings", SERVICE), "service_settings_uuid": self.id(SERVICE),
                "service_settings_state": self.state(State::Ok), "service_settings_error_message": "",
                "tenant_uuid": self.id(&project.tenant),
            }),
        };
        shown.extend(map(more));
        shown
    }

    pub(crate) fn project(&self, project: &Project) -> Value {
        let used = self.cloud.used(&project.uuid);
        json!({"url": self.url(Resource::Projects, &project.uuid), "uuid": self.id(&project.uuid), "name": project.name,
            "description": "", "customer": self.url_of("customers", CUSTOMER), "customer_uuid": self.id(CUSTOMER),
            "customer_name": "Example Retail",
            "quotas": [{"name": "storage", "limit": project.storage_quota, "usage": used}]})
    }

    pub(crate) fn instance(&self, instance: &Instance) -> Value {
        let url = self.url(Resource::Instances, &instance.uuid);
        let flavor = self.cloud.flavor(&instance.flavor);
        let mut shown = self.common(&instance.uuid, &instance.name, &instance.description, Some(instance), url);
        shown.extend(map(json!({
            "state": self.instance_state(instance), "error_message": instance.error,
            "backend_id": instance.uuid, "resource_type": self.resource_type("Instance"),
            "created": self.time(instance.created), "start_time": self.time(instance.created),
            "cores": flavor.map_or(0, |flavor| flavor.cores), "ram": flavor.map_or(0, |flavor| flavor.ram),
            "disk": instance.size(), "flavor_name": flavor.map(|flavor| flavor.name),
            "flavor_disk": flavor.map_or(0, |flavor| flavor.disk), "image_name": instance.image,
            "min_ram": 0, "min_disk": 0, "key_name": "ops", "key_fingerprint": "", "user_data": "",
            "latitude": 50.11, "longitude": 8.68, "external_ips": self.addresses(instance),
            "internal_ips": instance.subnets.iter().map(|_| "10.20.0.11").collect::<Vec<_>>(),
        })));
        if self.generation().is_old() {
            shown.extend(map(json!({
                "system_volume_size": instance.system_volume().map_or(0, |volume| volume.size),
                "data_volume_size": instance.data_volume().map_or(0, |volume| volume.size),
                "security_groups": [],
            })));
        } else {
            let volumes = instance.volumes.iter().enumerate().map(|(at, volume)| {
                json!({"url": self.url_of(&format!("{}-volumes", self.generation().prefix()), &volume.uuid),
                    "uuid": self.id(&volume.uuid), "name": volume.name, "image_name": instance.image,
                    "state": self.state(State::Ok), "bootable": volume.bootable, "size": volume.size,
                    "device": format!("/dev/vd{}", char::from(b'a' + u8::try_from(at % 26).unwrap_or(0))),
                    "resource_type": self.resource_type("Volume"), "type": null, "type_name": null})
            });
            shown.extend(map(json!({
                "modified": self.time(instance.modified), "runtime_state": instance.runtime, "action": "",
                "action_details": {}, "volumes": volumes.collect::<Vec<_>>(),
                "security_groups": self.groups_of(instance), "floating_ips": self.floating_of(instance),
                self.port_word(""): self.ports_of(instance),
                "availability_zone": null, "availability_zone_name": "nova",
                "connect_directly_to_external_network": false, "hypervisor_hostname": "",
            })));
        }
        shown.extend(instance.extra.clone());
        Value::Object(shown)
    }

    /// G2's instances have states of their own, with the power state in them.
    pub(crate) fn instance_state(&self, instance: &Instance) -> &'static str {
        match instance.state {
            state if !self.generation().is_old() => self.state(state),
            State::Ok if instance.runtime == "SHUTOFF" => "Offline",
            State::Ok => "Online",
            State::CreationScheduled => "Provisioning Scheduled",
            State::Creating => "Provisioning",
            State::UpdateScheduled => "Resizing Scheduled",
            State::Updating => "Resizing",
            State::DeletionScheduled => "Deletion Scheduled",
            State::Deleting => "Deleting",
            State::Erred => "Erred",
        }
    }

    pub(crate) fn flavor(&self, flavor: &Flavor) -> Value {
        let mut shown = map(json!({"url": self.url(Resource::Flavors, &flavor.uuid), "uuid": self.id(&flavor.uuid),
            "name": flavor.name, "settings": self.url_of("service-settings", SERVICE), "cores": flavor.cores,
            "ram": flavor.ram, "disk": flavor.disk}));
        if !self.generation().is_old() {
            let sizes = format!("{} CPU, {} MB RAM, {} MB HDD", flavor.cores, flavor.ram, flavor.disk);
            shown.insert("backend_id".to_owned(), json!(flavor.name));
            shown.insert("display_name".to_owned(), json!(format!("{} ({sizes})", flavor.name)));
        }
        Value::Object(shown)
    }

    pub(crate) fn image(&self, image: &Image) -> Value {
        let mut shown = map(json!({"url": self.url(Resource::Images, &image.uuid), "uuid": self.id(&image.uuid),
            "name": image.name, "settings": self.url_of("service-settings", SERVICE), "min_disk": image.min_disk,
            "min_ram": image.min_ram}));
        if !self.generation().is_old() {
            shown.insert("backend_id".to_owned(), json!(image.uuid));
        }
        Value::Object(shown)
    }

    /// A subnet, security group or floating IP as an item of its own list.
    pub(crate) fn piece(&self, resource: Resource, piece: &Piece) -> Value {
        let mut shown = map(json!({"url": self.url(resource, &piece.uuid), "uuid": self.id(&piece.uuid),
            "name": piece.name, "description": "", "state": self.state(State::Ok), "error_message": "",
            "created": "2025-02-03T08:00:00Z", "modified": "2025-02-03T08:00:00Z", "access_url": null}));
        if let Some(project) = self.cloud.project(&piece.project) {
            shown.extend(self.place(project));
        }
        let more = match resource {
            Resource::Subnets => json!({"cidr": piece.detail, "gateway_ip": null, "ip_version": 4, "enable_dhcp": true,
                "resource_type": self.resource_type("SubNet"), "dns_nameservers": [], "allocation_pools": []}),
            Resource::FloatingIps => json!({"address": piece.name, "runtime_state": piece.detail,
                "resource_type": self.resource_type("FloatingIP"), "backend_network_id": "ext-net",
                "instance_uuid": piece.used_by.as_ref().map(|uuid| self.id(uuid))}),
            _ => json!({"rules": [], "resource_type": self.resource_type("SecurityGroup")}),
        };
        shown.extend(map(more));
        Value::Object(shown)
    }

    pub(super) fn groups_of(&self, instance: &Instance) -> Value {
        let groups = self.cloud.groups.iter().filter(|group| instance.groups.contains(&group.uuid));
        groups
            .map(|group| {
                json!({"url": self.url(Resource::Groups, &group.uuid), "name": group.name, "rules": [],
                    "description": "", "state": self.state(State::Ok)})
            })
            .collect()
    }

    pub(super) fn ports_of(&self, instance: &Instance) -> Value {
        let subnets = self.cloud.subnets.iter().filter(|subnet| instance.subnets.contains(&subnet.uuid));
        subnets
            .map(|subnet| {
                json!({"fixed_ips": [{"ip_address": "10.20.0.11", "subnet_id": self.id(&subnet.uuid)}],
                    "mac_address": "fa:16:3e:4d:10:7a", "subnet": self.url(Resource::Subnets, &subnet.uuid),
                    "subnet_uuid": self.id(&subnet.uuid), "subnet_name": subnet.name, "subnet_description": "",
                    "subnet_cidr": subnet.detail})
            })
            .collect()
    }

    pub(super) fn floating_of(&self, instance: &Instance) -> Value {
        let used = self.cloud.floating.iter().filter(|ip| ip.used_by.as_ref() == Some(&instance.uuid));
        used.map(|ip| {
            let subnet = self.cloud.subnets.iter().find(|subnet| instance.subnets.contains(&subnet.uuid));
            json!({"url": self.url(Resource::FloatingIps, &ip.uuid), "uuid": self.id(&ip.uuid), "address": ip.name,
                "port_fixed_ips": [], "port_mac_address": "fa:16:3e:4d:10:7a",
                "subnet": subnet.map(|subnet| self.url(Resource::Subnets, &subnet.uuid)),
                "subnet_name": subnet.map(|subnet| subnet.name.as_str())})
        })
        .collect()
    }

    fn addresses(&self, instance: &Instance) -> Vec<String> {
        let used = self.cloud.floating.iter().filter(|ip| ip.used_by.as_ref() == Some(&instance.uuid));
        used.map(|ip| ip.name.clone()).collect()
    }
}
