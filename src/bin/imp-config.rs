//! `imp-config`: the documents are what runs, or the last good generation is.

use caps::Capability::CAP_DAC_READ_SEARCH;
use imp::boot::evidence::{self, Phase};
use imp::host::privilege;
use imp::step::apply::confirm;
use imp::step::boot::rights;
use imp::step::{back, config, input, supervisor};
use std::process::ExitCode;

fn main() -> ExitCode {
    imp::exit::run("imp-config", |start| {
        let verb = start.verb_or("start");
        match verb {
            "start" | "--reload" | "--steps" | "--watch" => privilege::keep(&[CAP_DAC_READ_SEARCH])?,
            "--unconfirmed" => privilege::keep(rights("assess"))?,
            // A child has what its parent kept, and a verdict is read from our own file.
            _ => {}
        }
        match verb {
            "start" => {
                let ended = supervisor::start(&start.root);
                evidence::mark(&start.root, Phase::Config);
                ended
            }
            "--reload" => supervisor::reload(&start.root),
            supervisor::DOCUMENTS | supervisor::INSTEAD | supervisor::APPLY => {
                let words: Vec<&str> = start.words.iter().map(String::as_str).collect();
                supervisor::as_child(&start.root, &words)
            }
            "--verdict" => config::verdict(&start.root),
            "--steps" => input::renew(&start.root),
            "--watch" => back::watch(&start.root),
            "--unconfirmed" => confirm::watch(&start.root),
            _ => Err(start
                .usage("imp-config [--root DIR] [--reload | --verdict | --steps | --watch | --unconfirmed]")),
        }
    })
}
