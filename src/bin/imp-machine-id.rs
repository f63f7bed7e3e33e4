//! Binds the machine-id that outlives a boot, before journald; logs to the kernel's log alone and reads no TOML.

use caps::Capability::CAP_SYS_ADMIN;
use imp::exit::{self, Kind};
use imp::host::privilege;
use imp::{log, step};
use std::process::ExitCode;
use tracing::Level;

fn main() -> ExitCode {
    let start = match exit::parse(std::env::args_os().skip(1)) {
        Ok(start) if start.words.is_empty() => start,
        Ok(_) | Err(_) => {
            eprintln!("usage: imp-machine-id [--root DIR]");
            return ExitCode::from(Kind::Usage as u8);
        }
    };
    let say = |level, text: &str| log::kmsg(&start.root, "imp-machine-id", level, text);
    if let Err(error) = privilege::keep(&[CAP_SYS_ADMIN]) {
        say(Level::ERROR, &error.to_string());
        return ExitCode::from(Kind::Privilege as u8);
    }
    match step::machine_id::up(&start.root) {
        Ok(done) => {
            done.iter().for_each(|line| say(Level::INFO, line));
            ExitCode::SUCCESS
        }
        Err(error) => {
            say(Level::ERROR, &error.to_string());
            ExitCode::FAILURE
        }
    }
}
