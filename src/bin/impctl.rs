//! `impctl`: what an operator types.

use std::process::ExitCode;

fn main() -> ExitCode {
    imp::log::open("impctl");
    imp::exit::end(imp::impctl::run(std::env::args_os().skip(1)))
}
