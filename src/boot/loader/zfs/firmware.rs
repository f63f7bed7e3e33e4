//! The token in the firmware: a second entry that starts ZFSBootMenu with `zbm.prefer`, and `BootNext` that names it.
//! The firmware takes `BootNext` before it hands over; nothing writes to the pool on the way.

use super::esp;
use super::token::{TokenMark, TokenState};
use crate::boot::loader::{BackendError, reboot};
use crate::boot::trial::classify::Attempt;
use crate::host::efi::{DevicePath, LoadOption, Program, VariableName, Variables};
use crate::types::{ImageName, Root, TrialId};

/// Our entries begin so; the attempt follows.
const DESCRIPTION: &str = "IMP trial ";
/// Below these are the entries that firmware makes itself.
const FIRST: u16 = 0x0100;
/// More than so many characters reach the kernel truncated, without a warning (its COMMAND_LINE_SIZE is 2048).
const LONGEST: usize = 2000;
/// What a trial says itself.
const REPLACED: [&str; 5] = ["zbm.prefer", "zbm.timeout", "zbm.show", "zbm.skip", "timeout"];

/// How the firmware starts ZFSBootMenu when nothing is tried.
#[derive(Debug)]
pub struct Menu {
    /// Its entry.
    pub number: u16,
    /// What its entry is called.
    pub description: String,
    path: DevicePath,
    line: String,
}

/// ZFSBootMenu's own entry: the one that was started, or the first in the order. Its program and its whole command line are
/// known, variables can be written, and nobody else asked for the next start.
pub fn menu(root: &Root, variables: &Variables) -> Result<Menu, BackendError> {
    variables.writable()?;
    reboot::reaches_firmware(root)?;
    next_is_free(variables)?;
    let mut numbers: Vec<u16> = variables.boot_current()?.into_iter().collect();
    numbers.extend(variables.boot_order()?);
    for number in numbers {
        let Ok(Some(option)) = variables.load_option(number) else {
            continue;
        };
        if let Some(file) = option.device_path().file()
            && option.is_active()
            && !is_ours(&option)
        {
            let embedded = embedded_line(root, option.device_path(), &file);
            if names_menu(&option, &file, embedded.as_deref()) {
                return described(variables, number, &option, embedded);
            }
        }
    }
    Err(BackendError::Incapable(
        "no boot entry of the firmware names ZFSBootMenu's file; 'efibootmgr --create' makes one".to_owned(),
    ))
}

fn described(
    variables: &Variables,
    number: u16,
    option: &LoadOption,
    embedded: Option<String>,
) -> Result<Menu, BackendError> {
    let signed_only = variables.read(&VariableName::SecureBoot)?.as_deref() == Some(&[1]);
    if signed_only && embedded.as_deref() != Some("") {
        return Err(BackendError::Incapable(
            "Secure Boot is on: ZFSBootMenu's program takes no command line from an entry".to_owned(),
        ));
    }
    let own = option.command_line().filter(|line| !line.is_empty());
    let line = own.or(embedded).ok_or_else(|| {
        BackendError::Incapable(format!(
            "the command line inside '{}' is not visible: mount the EFI system partition that Boot{number:04X} names ({})",
            option.device_path().file().unwrap_or_default(),
            option.device_path().partition().unwrap_or_default()
        ))
    })?;
    if let Some(image) = preferred_image(&line) {
        return Err(BackendError::Incapable(format!(
            "zbm.prefer={image} of Boot{number:04X} names an image, and power-on starts that whatever is blessed: name the pool"
        )));
    }
    Ok(Menu {
        number,
        description: option.description().to_owned(),
        path: option.device_path().clone(),
        line,
    })
}

fn names_menu(option: &LoadOption, file: &str, embedded: Option<&str>) -> bool {
    let line = option.command_line().unwrap_or_default();
    [option.description(), file, &line, embedded.unwrap_or_default()]
        .iter()
        .map(|text| text.to_lowercase())
        .any(|text| text.contains("zbm") || text.contains("zfsbootmenu"))
}

/// What is embedded in the program that an entry names; `None` where its partition is not mounted.
fn embedded_line(root: &Root, path: &DevicePath, file: &str) -> Option<String> {
    let program = esp::file(&esp::mounted(root, path)?, file);
    let program = Program::open(&program).ok()?;
    program.text(".cmdline").ok()
}

/// The next start of the firmware is not somebody else's: a firmware update waits there for its one start.
fn next_is_free(variables: &Variables) -> Result<(), BackendError> {
    match taken(variables)? {
        Some(entry) => Err(BackendError::Incapable(format!(
            "the firmware was asked to start {entry} at the next boot (BootNext): reboot once first, or \
             'efibootmgr --delete-bootnext' takes that back"
        ))),
        None => Ok(()),
    }
}

/// The entry of somebody else that `BootNext` names. A number that no entry has starts nothing.
fn taken(variables: &Variables) -> Result<Option<String>, BackendError> {
    let Some(number) = variables.boot_next()? else {
        return Ok(None);
    };
    Ok(match variables.load_option(number) {
        Ok(None) => None,
        Ok(Some(option)) if is_ours(&option) => None,
        Ok(Some(option)) => Some(format!("Boot{number:04X} '{}'", option.description())),
        Err(_) => Some(format!("Boot{number:04X}")),
    })
}

/// The entry of an attempt is there and read back, and no normal start would take it. Returns its number.
pub fn prepare(variables: &Variables, menu: &Menu, attempt: &Attempt) -> Result<u16, BackendError> {
    let line = trial_line(&menu.line, &attempt.image)?;
    let description = format!("{DESCRIPTION}{}", attempt.trial);
    let Some(option) = LoadOption::new(&description, menu.path.clone(), &line) else {
        return Err(BackendError::Unreadable(
            "ZFSBootMenu's command line holds a NUL".to_owned(),
        ));
    };
    let number = match ours(variables)?.first() {
        Some((number, _)) => *number,
        None => free(variables)?,
    };
    let _ = variables.set_load_option(number, &option)?;
    let order = variables.boot_order()?;
    if order.contains(&number) {
        let without: Vec<u16> = order.into_iter().filter(|other| *other != number).collect();
        let _ = variables.set_boot_order(&without)?;
    }
    Ok(number)
}

/// The next start of the firmware is the attempt.
pub fn arm(variables: &Variables, attempt: &Attempt) -> Result<(), BackendError> {
    next_is_free(variables)?;
    match entry(variables, &attempt.trial)? {
        Some(number) => {
            let _ = variables.set_boot_next(number)?;
            Ok(())
        }
        None => Err(BackendError::NotRead(format!(
            "the boot entry of the attempt {}",
            attempt.trial
        ))),
    }
}

/// How far the token of a mark is. `runs` says whether the image of the mark is the one that runs.
///
/// `BootNext` leaves no trace when it is taken, so its entry is the witness: lost with it when the firmware forgot everything.
/// Some firmware removes entries that are not in its order, also while it starts one: the number of what it started stays.
pub fn state(
    variables: &Variables,
    mark: &TokenMark,
    runs: bool,
) -> Result<Option<TokenState>, BackendError> {
    let was_armed = mark.state == Some(TokenState::Firmware);
    let current = variables.boot_current()?;
    let Some(number) = entry(variables, &mark.trial)? else {
        let started = current.is_none() || current == mark.entry;
        return Ok((runs && was_armed && started).then_some(TokenState::Consumed));
    };
    if variables.boot_next()? == Some(number) {
        return Ok(Some(TokenState::Armed));
    }
    let consumed = match (runs, current == Some(number)) {
        (true, started) => started,
        // The firmware started the entry, and ZFSBootMenu the default: it was not told which image.
        (false, true) => false,
        // Somebody else wrote over the token where it names another entry.
        (false, false) => was_armed && taken(variables)?.is_none(),
    };
    // An image that runs without its entry was started by hand.
    Ok(consumed.then_some(TokenState::Consumed))
}

/// What the firmware did with the token of a mark, where that is to be told.
pub fn remark(variables: &Variables, mark: &TokenMark, runs: bool) -> Option<String> {
    let was_armed = mark.state == Some(TokenState::Firmware);
    let Some(number) = entry(variables, &mark.trial).ok()? else {
        let name = mark
            .entry
            .map(|number| format!(" Boot{number:04X}"))
            .unwrap_or_default();
        let current = variables.boot_current().ok()?;
        let what = match runs {
            true if current.is_none() || current == mark.entry => "when it started it",
            true => "and started another one, so the image counts as chosen by hand",
            false => "and does not say whether it started it",
        };
        return was_armed.then(|| format!("the firmware removed the boot entry{name} of the trial {what}"));
    };
    if variables.boot_next().ok()? == Some(number) {
        return Some(format!(
            "BootNext still names Boot{number:04X}: the reboot did not go through the firmware (kexec, soft reboot), or the \
             firmware does not obey it"
        ));
    }
    if !runs && variables.boot_current().ok()? == Some(number) {
        return Some(format!(
            "the firmware started Boot{number:04X} and did not pass its command line on, so ZFSBootMenu started the default; or \
             somebody chose that in ZFSBootMenu"
        ));
    }
    let entry = taken(variables).ok()??;
    Some(format!(
        "something else asked the firmware for {entry} after the image was armed (BootNext)"
    ))
}

/// Whether the entry that the firmware started is one of ours.
pub fn started_ours(variables: &Variables) -> bool {
    let current = variables.boot_current().ok().flatten();
    let option = current.and_then(|number| variables.load_option(number).ok().flatten());
    option.is_some_and(|option| is_ours(&option))
}

/// No entry of ours, and no `BootNext` that names one. Where the firmware has no variables there is nothing to do.
pub fn clear(root: &Root) -> Result<(), BackendError> {
    let Ok(variables) = Variables::of(root) else {
        return Ok(());
    };
    let next = variables.boot_next()?;
    for (number, _) in ours(&variables)? {
        if next == Some(number) {
            let _ = variables.delete(&VariableName::BootNext)?;
        }
        let _ = variables.delete(&VariableName::Boot(number))?;
    }
    Ok(())
}

fn entry(variables: &Variables, trial: &TrialId) -> Result<Option<u16>, BackendError> {
    let description = format!("{DESCRIPTION}{trial}");
    let mut all = ours(variables)?.into_iter();
    Ok(all
        .find(|(_, option)| option.description() == description)
        .map(|(number, _)| number))
}

fn ours(variables: &Variables) -> Result<Vec<(u16, LoadOption)>, BackendError> {
    let numbers = variables.boot_numbers()?.into_iter();
    // An entry that nobody understands is somebody else's.
    let options = numbers.filter_map(|number| Some((number, variables.load_option(number).ok()??)));
    Ok(options.filter(|(_, option)| is_ours(option)).collect())
}

fn is_ours(option: &LoadOption) -> bool {
    option.description().starts_with(DESCRIPTION)
}

fn free(variables: &Variables) -> Result<u16, BackendError> {
    let taken = variables.boot_numbers()?;
    (FIRST..=u16::MAX)
        .find(|number| !taken.contains(number))
        .ok_or_else(|| BackendError::Incapable("the firmware has no number left for a boot entry".to_owned()))
}

/// The dataset that ZFSBootMenu is told to start in the place of `bootfs`.
fn preferred_image(line: &str) -> Option<&str> {
    let mut words = line.split_whitespace();
    words.find_map(|word| word.strip_prefix("zbm.prefer=").filter(|name| name.contains('/')))
}

/// ZFSBootMenu's line with the image first. The last of two words of a kind counts, so the others are dropped.
fn trial_line(normal: &str, image: &ImageName) -> Result<String, BackendError> {
    let mut rest = Vec::new();
    let mut strict = "";
    for word in normal.split_whitespace() {
        let (name, value) = word.split_once('=').unwrap_or((word, ""));
        if name == "zbm.prefer" {
            // `!`: this pool or none; `!!`: and no other.
            strict = &value[value.trim_end_matches('!').len()..];
        }
        if !REPLACED.contains(&name) {
            rest.push(word);
        }
    }
    let line = format!("zbm.prefer={image}{strict} zbm.timeout=0 {}", rest.join(" "));
    let line = line.trim_end().to_owned();
    if line.chars().count() >= LONGEST {
        return Err(BackendError::Incapable(format!(
            "ZFSBootMenu's command line would have {} characters; from {LONGEST} on it is cut",
            line.chars().count()
        )));
    }
    Ok(line)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_pool_may_be_preferred_and_an_image_not() {
        assert_eq!(preferred_image("ro zbm.prefer=tank!! quiet"), None);
        assert_eq!(preferred_image("ro quiet"), None);
        assert_eq!(preferred_image("zbm.prefer=tank/ROOT/a!"), Some("tank/ROOT/a!"));
    }

    #[test]
    fn the_image_is_first_and_the_rest_stays() {
        let image: ImageName = "tank/ROOT/b".parse().unwrap();
        let line = |normal: &str| trial_line(normal, &image).unwrap();
        assert_eq!(
            line("ro console=ttyS0 zbm.prefer=tank zbm.timeout=10 zbm.hookroot=UUID=AB-CD//hooks"),
            "zbm.prefer=tank/ROOT/b zbm.timeout=0 ro console=ttyS0 zbm.hookroot=UUID=AB-CD//hooks"
        );
        assert_eq!(
            line("zbm.show zbm.prefer=tank!! quiet"),
            "zbm.prefer=tank/ROOT/b!! zbm.timeout=0 quiet"
        );
        assert_eq!(line(""), "zbm.prefer=tank/ROOT/b zbm.timeout=0");
        assert!(trial_line(&"x".repeat(LONGEST), &image).is_err());
    }
}
