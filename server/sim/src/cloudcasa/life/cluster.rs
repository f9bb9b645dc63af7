//! Clusters and their agents: registered, manifest offered, inventory, active, silent.

use serde_json::{Value, json};

use super::epoch;
use crate::cloudcasa::agenda::Event;
use crate::cloudcasa::{CloudCasa, estate};
use crate::json::{set, text};

impl CloudCasa {
    /// Whether its agent answers.
    pub(super) fn active(&self, cluster: &str) -> bool {
        self.store.text("kubeclusters", cluster, "/status/state") == "ACTIVE"
    }

    pub(super) fn registered(&mut self, cluster: &str) {
        let now = epoch(self.now);
        self.note("kubeclusters", cluster, |doc| {
            doc["status"] = json!({"state": "REGISTERED", "dormant": false, "num_recovery_points": 0, "scan_count": 0,
                "kubeAgentManagerVersion": "0.0", "updateTime": now});
        });
        let delay = std::time::Duration::from_millis(self.options.agent_url_delay_ms).as_secs_f64();
        let at = self.after(delay);
        self.agenda.at(at, Event::Manifest(cluster.to_owned()));
    }

    /// The address of what `kubectl apply` wants. Its last part is a secret of the cluster.
    pub(super) fn offer_manifest(&mut self, cluster: &str) {
        let field = format!("/status/{}", self.options.agent_url_field);
        let url = format!("https://api.cloudcasa.io/kubeclusteragents/{cluster}-1f6e4a/agent.yaml");
        self.note("kubeclusters", cluster, |doc| set(doc, &field, url));
        if self.options.agents_install {
            let at = self.after(10.0);
            self.agenda.at(at, Event::Agent(cluster.to_owned()));
        }
    }

    /// REGISTERED to PENDING to INVENTORY to ACTIVE.
    pub(super) fn agent_step(&mut self, cluster: &str) {
        let (next, wait) = match self.store.text("kubeclusters", cluster, "/status/state") {
            "REGISTERED" => ("PENDING", 3.0),
            "PENDING" => ("INVENTORY", 10.0),
            "INVENTORY" => ("ACTIVE", 0.0),
            _ => return,
        };
        let now = epoch(self.now);
        self.note("kubeclusters", cluster, |doc| {
            set(doc, "/status/state", next);
            set(doc, "/status/updateTime", now);
            if next == "ACTIVE" {
                set(doc, "/status/version", "v1.34.4");
                set(doc, "/status/agentVersion", 3);
                set(doc, "/status/kubeAgentVersion", "3.4.8");
                crate::json::unset(doc, "/status/message");
            }
        });
        if next == "ACTIVE" {
            if self.namespaces(cluster).is_empty() {
                estate::inventory(self, cluster, &["default", "kube-system", "demo"]);
            }
            return;
        }
        let at = self.after(wait);
        self.agenda.at(at, Event::Agent(cluster.to_owned()));
    }

    /// The agent stops answering.
    pub(in crate::cloudcasa) fn silence(&mut self, cluster: &str) {
        self.agenda.forget(|event| matches!(event, Event::Agent(id) if id == cluster));
        let name = self.store.text("kubeclusters", cluster, "/name").to_owned();
        let now = epoch(self.now);
        self.note("kubeclusters", cluster, |doc| {
            set(doc, "/status/state", "PENDING");
            set(doc, "/status/pendingStateTimestamp", now);
            set(doc, "/status/message", "The agent has not responded for 10 minutes.");
        });
        self.alert("CLUSTER_NOT_RESPONDING", &format!("Cluster {name} is not responding"), None);
    }

    /// What happens to a cluster's agent: `install`, `silence` or `return`.
    pub(in crate::cloudcasa) fn agent(&mut self, cluster: &str, what: &str) -> Result<Value, String> {
        match what {
            "install" | "return" => {
                let at = self.after(1.0);
                self.agenda.at(at, Event::Agent(cluster.to_owned()));
            }
            "silence" => self.silence(cluster),
            other => return Err(format!("unknown fate of an agent: {other:?}")),
        }
        let doc = self.store.get("kubeclusters", cluster).unwrap_or(&Value::Null);
        Ok(json!({"cluster": cluster, "state": text(doc, "/status/state")}))
    }
}
