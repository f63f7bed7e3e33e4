//! `imp-config`: the documents are what runs, or the last good generation is.

use caps::Capability::CAP_DAC_READ_SEARCH;
use imp::boot::evidence::{self, Phase};
use imp::host::privilege;
use imp::step::apply::confirm;
use imp::step::boot::rights;
use imp::step::{back, config, supervisor};
use std::process::ExitCode;

fn main() -> ExitCode {
    imp::exit::run("imp-config", |start| match start.verb_or("start") {
        // A verdict is read from our own file.
        "--verdict" => config::verdict(&start.root),
        "start" => {
            privilege::keep(&[CAP_DAC_READ_SEARCH])?;
            let ended = supervisor::start(&start.root);
            evidence::mark(&start.root, Phase::Config);
            ended
        }
        "--reload" => {
            privilege::keep(&[CAP_DAC_READ_SEARCH])?;
            supervisor::reload(&start.root)
        }
        supervisor::DOCUMENTS | supervisor::INSTEAD | supervisor::APPLY => {
            let words: Vec<&str> = start.words.iter().map(String::as_str).collect();
            supervisor::as_child(&start.root, &words)
        }
        "--watch" => {
            privilege::keep(&[CAP_DAC_READ_SEARCH])?;
            back::watch(&start.root)
        }
        "--unconfirmed" => {
            privilege::keep(rights("assess"))?;
            confirm::watch(&start.root)
        }
        _ => Err(start.usage("imp-config [--root DIR] [--reload | --verdict | --watch | --unconfirmed]")),
    })
}
