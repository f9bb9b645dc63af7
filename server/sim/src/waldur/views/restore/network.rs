//! The network part of a restore from G3 on: subnets to be connected to, security groups, floating IPs.

use serde_json::{Map, Value, json};

use crate::rest::Request;
use crate::waldur::cloud::Cloud;
use crate::waldur::drf::python_type;
use crate::waldur::field::{DANGLING, Form, reference};
use crate::waldur::model::{Instance, Piece};
use crate::waldur::route::Resource;

#[derive(Debug, Default)]
pub(super) struct Network {
    pub(super) subnets: Vec<String>,
    pub(super) groups: Vec<String>,
    /// Free ones that were named.
    pub(super) floating: Vec<String>,
    /// How many new ones to allocate.
    pub(super) new: usize,
}

impl Cloud {
    /// Reads the three lists; what is wrong goes to the form.
    pub(super) fn network(&self, form: &mut Form<'_>, request: &Request, source: &Instance) -> Network {
        let word = crate::waldur::show::Look::new(self, "").port_word("");
        let mut network = Network {
            subnets: self.pick(form, request, source, &word, "subnet", Resource::Subnets),
            groups: self.pick(form, request, source, "security_groups", "url", Resource::Groups),
            ..Network::default()
        };
        for item in form.list("floating_ips") {
            match self.floating(request, source, item, &network.subnets) {
                Ok(Some(uuid)) => network.floating.push(uuid),
                Ok(None) => network.new += 1,
                Err(errors) => form.refuse_item("floating_ips", errors),
            }
        }
        network
    }

    /// The objects that the items of a list refer to.
    fn pick(
        &self,
        form: &mut Form<'_>,
        request: &Request,
        source: &Instance,
        list: &str,
        key: &str,
        resource: Resource,
    ) -> Vec<String> {
        let mut found = Vec::new();
        for item in form.list(list) {
            match self.piece(request, source, item.get(key), resource) {
                Ok(piece) => found.push(piece.uuid.clone()),
                Err(sentence) => form.refuse_item(list, json!({key: [sentence]})),
            }
        }
        found
    }

    fn piece(
        &self,
        request: &Request,
        source: &Instance,
        value: Option<&Value>,
        resource: Resource,
    ) -> Result<&Piece, String> {
        let value = value.ok_or("This field is required.")?;
        if value.is_null() {
            return Err("This field may not be null.".to_owned());
        }
        let uuid = reference(value, request, &resource.word(self.generation()))?;
        let pieces = match resource {
            Resource::Subnets => &self.subnets,
            Resource::Groups => &self.groups,
            _ => &self.floating,
        };
        let piece = pieces.iter().find(|piece| piece.uuid == uuid && self.sees_project(&piece.project));
        let piece = piece.ok_or(DANGLING)?;
        if piece.project != source.project {
            return Err(format!("{} does not belong to the same tenant as the instance.", piece.name));
        }
        Ok(piece)
    }

    /// A floating IP by its URL, or a new one; its subnet must be one that the instance gets.
    fn floating(
        &self,
        request: &Request,
        source: &Instance,
        item: &Map<String, Value>,
        subnets: &[String],
    ) -> Result<Option<String>, Value> {
        let wrong = |key: &str, sentence: String| json!({key: [sentence]});
        let subnet = self.piece(request, source, item.get("subnet"), Resource::Subnets);
        let subnet = subnet.map_err(|sentence| wrong("subnet", sentence))?;
        if !subnets.contains(&subnet.uuid) {
            return Err(wrong("subnet", format!("SubNet {} is not connected to instance.", subnet.name)));
        }
        match item.get("url") {
            None | Some(Value::Null) => Ok(None),
            Some(url @ Value::String(_)) => {
                let ip = self.piece(request, source, Some(url), Resource::FloatingIps);
                let ip = ip.map_err(|sentence| wrong("url", sentence))?;
                if ip.used_by.is_some() { Err(wrong("url", DANGLING.to_owned())) } else { Ok(Some(ip.uuid.clone())) }
            }
            Some(other) => {
                Err(wrong("url", format!("Incorrect type. Expected URL string, received {}.", python_type(other))))
            }
        }
    }

    /// Gives the floating IPs to the new instance.
    pub(super) fn attach(&mut self, network: &Network, instance: &str, project: &str) {
        for ip in self.floating.iter_mut().filter(|ip| network.floating.contains(&ip.uuid)) {
            ip.used_by = Some(instance.to_owned());
        }
        for _ in 0..network.new {
            let uuid = self.draw();
            // Documentation addresses, RFC 5737.
            let address = format!("203.0.113.{}", 100 + self.floating.len() % 150);
            self.floating.push(Piece {
                uuid,
                project: project.to_owned(),
                name: address,
                detail: "ACTIVE".to_owned(),
                used_by: Some(instance.to_owned()),
            });
        }
    }
}
