//! A form that waits for its WASM: until it runs, what is shown can't be typed into, because it would be lost.

use super::part::{El, Part, p};

/// Marks the form that the server sends; the browser's own takes its place.
pub fn starting(form: El) -> El {
    let waits = cfg!(feature = "ssr");
    form.attr("inert", waits).attr("aria-busy", waits.then_some("true"))
}

/// Stands until the form runs; where WASM is missing it stays and says why. `done` is what can't be done then.
pub fn starting_note(done: &str) -> Part {
    cfg!(feature = "ssr")
        .then(|| {
            p("help mt-3 mb-3").attr("role", "status").put(format!(
                "The form is starting. It needs scripts and WebAssembly: where one of them is switched off, this line stays and nothing can be {done}."
            ))
        })
        .into()
}
