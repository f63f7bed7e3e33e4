//! `imp-frr`: FRR runs what frr.conf says, or the lines that it does not are named.

use caps::Capability::CAP_DAC_OVERRIDE;
use imp::host::privilege;
use imp::step::frr;
use std::process::ExitCode;

fn main() -> ExitCode {
    imp::exit::run("imp-frr", |start| match start.verb_or("compare") {
        "--check" => frr::check(&start.root),
        "compare" => {
            // FRR's sockets belong to the user frr.
            privilege::keep(&[CAP_DAC_OVERRIDE])?;
            frr::compare(&start.root)
        }
        "--reload" => {
            privilege::keep(&[CAP_DAC_OVERRIDE])?;
            frr::reload(&start.root)
        }
        // They end watchfrr and daemons and start others, with all that these may do.
        "--start-daemons" => frr::daemons::start(&start.root),
        "--stop-daemons" => frr::daemons::stop(&start.root),
        _ => Err(start.usage("imp-frr [--root DIR] [--check | --start-daemons | --reload | --stop-daemons]")),
    })
}
