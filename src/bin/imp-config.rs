//! `imp-config`: the documents are what runs, or the last good generation is.

use imp::act::step::{config, reload};
use std::process::ExitCode;

fn main() -> ExitCode {
    imp::exit::run("imp-config", |start| match start.verb_or("start") {
        "start" => config::start(&start.root),
        "--reload" => reload::reload(&start.root),
        "--verdict" => config::verdict(&start.root),
        _ => Err(start.usage("imp-config [--root DIR] [--reload | --verdict]")),
    })
}
