//! `imp-vpp NAME`: gives a VPP instance its commands, one by one, and makes sure it has them.

use std::process::ExitCode;

fn main() -> ExitCode {
    imp::exit::run("imp-vpp", imp::act::vpp::step::run)
}
