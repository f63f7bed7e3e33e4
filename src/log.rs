//! One log sink per process: the journal under systemd, standard error elsewhere. Never both.

use crate::types::Root;
use std::fmt::Write as _;
use std::io::Write as _;
use std::os::fd::AsFd;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry;

/// Opens the log of a binary. Fields of an event become journal fields `IMP_<NAME>`.
pub fn open(name: &'static str) {
    let journal = under_systemd().then(|| tracing_journald::layer().ok()).flatten();
    let subscriber: Box<dyn Subscriber + Send + Sync> = match journal {
        Some(layer) => Box::new(
            registry().with(
                layer
                    .with_syslog_identifier(name.to_owned())
                    .with_field_prefix(Some("IMP".to_owned()))
                    .with_custom_fields(own_unit().map(|unit| ("OBJECT_SYSTEMD_UNIT", unit))),
            ),
        ),
        // Libraries log at debug and trace; a boot log is ours alone.
        None => Box::new(registry().with(LevelFilter::INFO).with(StandardError)),
    };
    // A second call (tests) keeps the first sink.
    let _ = tracing::subscriber::set_global_default(subscriber);
}

/// Writes a line to the kernel's log, for programs that run before the journal. Without `ROOT/dev/kmsg` it is dropped:
/// logging must not fail the boot.
pub fn kmsg(root: &Root, name: &str, level: Level, message: &str) {
    let line = message.escape_debug();
    let kmsg = std::fs::OpenOptions::new()
        .append(true)
        .open(root.join("dev/kmsg"));
    let _ = kmsg.and_then(|mut kmsg| {
        // One record per write(2); the priorities are printk's own.
        let priority = if level == Level::ERROR { 3 } else { 6 };
        kmsg.write_all(format!("<{priority}>{name}[{}]: {line}\n", std::process::id()).as_bytes())
    });
}

/// The unit of this process. journald looks it up by the PID, and the process has often ended by then: a step's last lines
/// would be missing from `journalctl -u` and `systemctl status`. Both also use this field (journalctl(1)).
fn own_unit() -> Option<String> {
    let groups = std::fs::read_to_string("/proc/self/cgroup").ok()?;
    let units = groups.lines().filter_map(|line| line.rsplit('/').next());
    units
        .filter(|name| name.ends_with(".service"))
        .map(str::to_owned)
        .next()
}

/// Whether standard error is the journal's own stream (systemd.exec(5), `$JOURNAL_STREAM`).
fn under_systemd() -> bool {
    let Ok(stream) = std::env::var("JOURNAL_STREAM") else {
        return false;
    };
    nix::sys::stat::fstat(std::io::stderr().as_fd())
        .is_ok_and(|stat| stream == format!("{}:{}", stat.st_dev, stat.st_ino))
}

struct StandardError;

impl<S: Subscriber> Layer<S> for StandardError {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut line = String::new();
        match *event.metadata().level() {
            Level::ERROR => line.push_str("error: "),
            Level::WARN => line.push_str("warning: "),
            _ => {}
        }
        event.record(&mut Message(&mut line));
        let _ = writeln!(std::io::stderr().lock(), "{line}");
    }
}

/// Writes the message and leaves the fields to the journal: the message already names its subject.
struct Message<'a>(&'a mut String);

impl Visit for Message<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" {
            let _ = write!(self.0, "{value:?}");
        }
    }
}
