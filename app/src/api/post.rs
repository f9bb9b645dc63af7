//! How the browser asks the server: one request for all functions, and only the reading of the answer is made for its type.

use crate::{
    error::{ApiError, ErrorKind},
    ui::packed::unpack,
};
use serde::de::DeserializeOwned;
use std::{future::Future, pin::Pin};

/// Arguments by name, as the text of a JSON object.
#[derive(Default)]
pub struct Body {
    text: String,
}

impl Body {
    /// Adds an argument that is JSON already. One that can't be written is left out, and the server then says what is missing.
    #[inline(never)]
    #[must_use]
    pub fn with(mut self, name: &str, json: Result<String, serde_json::Error>) -> Self {
        if let Ok(json) = json {
            self.text.push_str(if self.text.is_empty() { "{\"" } else { ",\"" });
            self.text.push_str(name);
            self.text.push_str("\":");
            self.text.push_str(&json);
        }
        self
    }

    fn finish(mut self) -> String {
        self.text.push_str(if self.text.is_empty() { "{}" } else { "}" });
        self.text
    }
}

/// The answer's text, or what came instead.
pub type Answered = Result<String, ApiError>;

/// Asks a function of this server. The future is boxed: one type for all who wait.
pub fn post(endpoint: &'static str, body: Body) -> Pin<Box<dyn Future<Output = Answered>>> {
    Box::pin(async move {
        let (good, text) = exchange(endpoint, body.finish()).await.ok_or_else(unreachable)?;
        if good { Ok(text) } else { Err(unpack(&text).unwrap_or_else(unreachable)) }
    })
}

/// What an answer means.
pub fn read<T: DeserializeOwned>(answered: Answered) -> Result<T, ApiError> {
    unpack(&answered?).ok_or_else(other_build)
}

/// Sends it; true with the text of a good answer. `None` when none came.
#[cfg(feature = "hydrate")]
async fn exchange(endpoint: &str, body: String) -> Option<(bool, String)> {
    use wasm_bindgen::{JsCast, JsValue};
    use wasm_bindgen_futures::JsFuture;
    use web_sys::{Headers, RequestInit, Response};
    let headers = Headers::new().ok()?;
    headers.set("Content-Type", "application/json").ok()?;
    headers.set("Accept", "application/json").ok()?;
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_headers(&headers);
    init.set_body(&JsValue::from_str(&body));
    let sent = web_sys::window()?.fetch_with_str_and_init(&format!("/api/{endpoint}"), &init);
    let response: Response = JsFuture::from(sent).await.ok()?.dyn_into().ok()?;
    let text = JsFuture::from(response.text().ok()?).await.ok()?.as_string()?;
    Some((response.ok(), text))
}

/// Without a browser there is nobody to ask.
#[cfg(not(feature = "hydrate"))]
async fn exchange(_endpoint: &str, _body: String) -> Option<(bool, String)> {
    None
}

/// Nothing came, or an error that is not this server's: something in front of it answers in its place.
fn unreachable() -> ApiError {
    ApiError::new(
        ErrorKind::Unreachable,
        "Holdfast does not answer. What you typed is still here; try again in a moment.",
    )
}

fn other_build() -> ApiError {
    ApiError::new(ErrorKind::Invalid, "Holdfast and this page disagree about the form. Reload the page.")
}
