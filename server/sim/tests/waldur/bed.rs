//! A served world with a manual clock, and a client of scenario `t`.

use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};
use sim::{Clock, World};

pub struct Bed {
    pub world: World,
    pub client: Client,
    /// `http://host:port`
    pub host: String,
    /// What resources' names begin with.
    pub prefix: &'static str,
}

impl Bed {
    /// The time starts at 2026-10-03T01:59:30Z, a Saturday.
    pub async fn of(generation: &str) -> Self {
        Self::with(json!({"generation": generation})).await
    }

    pub async fn with(seed: Value) -> Self {
        // Another test of this process may have been first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let world = World::new(Clock::manual("2026-10-03T01:59:30Z".parse().unwrap()));
        world.seed_system("t", "waldur", &seed).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(sim::serve(listener, world.clone()));
        let client = Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
        let prefix = if seed["generation"] == "G3" { "openstacktenant" } else { "openstack" };
        Self { world, client, host, prefix }
    }

    pub fn base(&self) -> String {
        format!("{}/s/t/waldur", self.host)
    }

    pub fn advance(&self, seconds: f64) {
        assert!(self.world.advance(Duration::from_secs_f64(seconds)));
    }

    pub fn command(&self, verb: &str, body: Value) -> Value {
        self.world.command("t", "waldur", verb, &body).unwrap()
    }

    /// A request without a token.
    pub fn bare(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base()))
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let path = path.strip_prefix(&self.base()).unwrap_or(path);
        self.bare(method, path).header("authorization", "Token sim-t-token")
    }

    /// `/api/{prefix}-{name}`
    pub fn at(&self, name: &str) -> String {
        format!("/api/{}-{name}", self.prefix)
    }

    pub async fn get(&self, path: &str) -> (u16, Value) {
        split(self.request(Method::GET, path).send().await.unwrap()).await
    }

    pub async fn send(&self, method: Method, path: &str, body: Value) -> (u16, Value) {
        split(self.request(method, path).json(&body).send().await.unwrap()).await
    }

    pub async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.send(Method::POST, path, body).await
    }

    pub async fn delete(&self, path: &str) -> (u16, Value) {
        split(self.request(Method::DELETE, path).send().await.unwrap()).await
    }

    /// The rows of a list, all on one page.
    pub async fn list(&self, path: &str) -> Vec<Value> {
        let mark = if path.contains('?') { '&' } else { '?' };
        let (code, list) = self.get(&format!("{path}{mark}page_size=300")).await;
        assert_eq!(code, 200, "{list}");
        list.as_array().unwrap().clone()
    }

    pub async fn instance(&self, name: &str) -> Value {
        let found = self.list(&format!("{}/?name={name}", self.at("instances"))).await;
        found.into_iter().find(|instance| instance["name"] == name).unwrap_or_default()
    }

    pub async fn instance_url(&self, name: &str) -> String {
        text(&self.instance(name).await["url"])
    }

    pub async fn flavor_url(&self, name: &str) -> String {
        text(&self.list(&format!("{}/?name={name}", self.at("flavors"))).await[0]["url"])
    }

    /// A manual backup in the generation's own way.
    pub async fn backup(&self, instance: &str) -> Value {
        let url = self.instance_url(instance).await;
        let (code, allow) = self.allow(&self.at("backups/")).await;
        assert_eq!(code, 200);
        let (code, made) = if allow.contains("POST") {
            self.post(&self.at("backups/"), json!({"instance": url, "description": "by hand"})).await
        } else {
            self.post(&format!("{url}backup/"), json!({"name": "by hand"})).await
        };
        assert!(matches!(code, 200 | 201), "{code} {made}");
        made
    }

    pub async fn allow(&self, path: &str) -> (u16, String) {
        let answer = self.request(Method::OPTIONS, path).send().await.unwrap();
        (answer.status().as_u16(), header(&answer, "allow"))
    }

    /// An object as it is now; null when it is gone.
    pub async fn again(&self, object: &Value) -> Value {
        match self.get(object["url"].as_str().unwrap()).await {
            (200, object) => object,
            (404, _) => Value::Null,
            (code, body) => panic!("{code}: {body}"),
        }
    }

    /// The states that an object goes through in steps of `step` seconds; `gone` at the end of a deletion.
    pub async fn states(&self, object: &Value, step: f64, steps: usize) -> Vec<String> {
        let mut seen: Vec<String> = Vec::new();
        for _ in 0..steps {
            let state = match self.again(object).await {
                Value::Null => "gone".to_owned(),
                object => text(&object["state"]),
            };
            if seen.last() != Some(&state) {
                seen.push(state);
            }
            self.advance(step);
        }
        seen
    }

    pub fn events(&self) -> Vec<Value> {
        self.world.system_state("t", "waldur").unwrap()["events"].as_array().unwrap().clone()
    }
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

pub fn header(answer: &Response, name: &str) -> String {
    answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
}

pub async fn split(answer: Response) -> (u16, Value) {
    let code = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    (code, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}
