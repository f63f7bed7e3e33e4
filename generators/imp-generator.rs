//! The systemd generator: links units that only something this early can link, and never fails the boot.

use imp::{exit, log, step::generator};
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let start = match exit::parse(std::env::args_os().skip(1)) {
        Ok(start) => start,
        Err(failure) => return usage(&failure.to_string()),
    };
    let [normal, early, _late] = start.words.as_slice() else {
        return usage("three directories are expected (systemd.generator(7))");
    };
    for problem in generator::run(&start.root, Path::new(normal), Path::new(early)) {
        log::kmsg(&start.root, "imp-generator", tracing::Level::ERROR, &problem);
    }
    ExitCode::SUCCESS
}

/// Nobody reads the kernel's log for a wrong option: this one goes to who typed it.
fn usage(problem: &str) -> ExitCode {
    eprintln!("imp-generator: {problem}");
    ExitCode::from(exit::Kind::Usage as u8)
}
