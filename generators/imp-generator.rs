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
        return usage("expected three directories (systemd.generator(7))");
    };
    for problem in generator::run(&start.root, Path::new(normal), Path::new(early)) {
        log::kmsg(&start.root, "imp-generator", tracing::Level::ERROR, &problem);
    }
    ExitCode::SUCCESS
}

/// On standard error, not in the kernel's log: a wrong option is a person's mistake.
fn usage(problem: &str) -> ExitCode {
    eprintln!("imp-generator: {problem}");
    ExitCode::from(exit::Kind::Usage as u8)
}
