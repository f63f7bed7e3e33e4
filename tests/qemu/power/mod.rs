//! A real pool, our own binaries and our hook, and the power cut at any moment: fifty times, and the machine always starts an
//! image that was blessed, or the armed one on its one attempt.
//!
//! `tests/run` builds the image and names it in `IMP_TEST_GUEST`; without it the test says `skipped: …` and ends.

mod initrd;
mod vm;

use super::emulator::built;
use super::place::Place;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::time::Instant;
use vm::Vm;

const CUTS: u32 = 50;
/// So many machines at once.
const MACHINES: u32 = 2;
const DISK: u64 = 256 << 20;
/// The power is cut within so many seconds of the emulator's processor behind a line: about what is done there takes. Each
/// has its turn, so that in any run of the test there are arms, attempts and blesses.
type Moment = (&'static str, f64);
/// While nothing is armed.
const QUIET: [Moment; 4] = [
    ("@DEFAULT", 2.0),
    ("@ARMING", 4.0),
    ("@ARMING", 4.0),
    ("@ARMED", 4.0),
];
/// While an image is.
const ARMED: [Moment; 4] = [
    ("imp-trial: took", 3.0),
    ("@ATTEMPT", 2.0),
    ("@BLESSING", 3.0),
    ("@BLESSED", 4.0),
];

/// What is known to be on disk, from what the machine said before each cut.
#[derive(Debug)]
struct Known {
    default: String,
    /// What was being blessed when the power went.
    blessing: Option<String>,
    armed: Option<String>,
    arming: Option<String>,
    attempts: BTreeSet<String>,
    /// Attempts, blesses, arms that were said to be done.
    done: [u32; 3],
}

impl Known {
    fn new() -> Self {
        Self {
            default: "tank/ROOT/a".to_owned(),
            blessing: None,
            armed: None,
            arming: None,
            attempts: BTreeSet::new(),
            done: [0; 3],
        }
    }

    fn hear(&mut self, text: &str) {
        for line in text.lines() {
            let words: Vec<&str> = line.split(' ').collect();
            match words[..] {
                ["@DEFAULT", image, health] => self.power_on(image, health, text),
                ["@ATTEMPT", image, trial] => self.attempt(image, trial, text),
                ["@BLESSING", image] => self.blessing = Some(image.to_owned()),
                ["@BLESSED", image] => {
                    self.default = image.to_owned();
                    self.blessing = None;
                    self.done[1] += 1;
                    (self.armed, self.arming) = (None, None);
                }
                ["@ARMING", image] => self.arming = Some(image.to_owned()),
                ["@ARMED", image] => {
                    self.armed = Some(image.to_owned());
                    self.arming = None;
                    self.done[2] += 1;
                }
                ["@CLASS", class] => {
                    let was_armed = self.armed.take().is_some();
                    assert!(
                        class != "NOT_ATTEMPTED" || !was_armed,
                        "a token that was read back is gone: {text}"
                    );
                }
                ["@FAILED"] => panic!("{text}"),
                _ => {}
            }
        }
    }

    fn power_on(&mut self, image: &str, health: &str, text: &str) {
        assert_eq!(health, "ONLINE", "{text}");
        let blessed = self.blessing.take().is_some_and(|blessing| blessing == image);
        assert!(
            image == self.default || blessed,
            "only a bless moves the default: {self:?}\n{text}"
        );
        self.default = image.to_owned();
    }

    fn attempt(&mut self, image: &str, trial: &str, text: &str) {
        let expected = self.armed.take().or(self.arming.take());
        assert_eq!(expected.as_deref(), Some(image), "it was not armed: {text}");
        assert!(
            self.attempts.insert(trial.to_owned()),
            "{trial} was attempted twice: {text}"
        );
        self.done[0] += 1;
    }
}

#[test]
fn the_power_is_cut_fifty_times() {
    let Some(image) = built("IMP_TEST_GUEST", "the_power_is_cut_fifty_times") else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let initrd = initrd::build(&image, dir.path());
    let (disk, memory) = (dir.path().join("disk"), dir.path().join("memory"));
    make_pool(
        &image,
        &initrd,
        &disk,
        &memory,
        Place::take(dir.path().join("maker")),
    );

    let begin = Instant::now();
    let totals: Vec<[u32; 3]> = std::thread::scope(|scope| {
        let machines: Vec<_> = (0..MACHINES)
            .map(|number| {
                let folder = dir.path().join(number.to_string());
                let (image, initrd, disk, memory) = (&image, &initrd, &disk, &memory);
                scope.spawn(move || {
                    let mut place = Place::take(folder);
                    fs::copy(disk, place.file("disk")).unwrap();
                    cut_again_and_again(image, initrd, &mut place, memory, number)
                })
            })
            .collect();
        machines
            .into_iter()
            .map(|machine| machine.join().unwrap())
            .collect()
    });
    let sum = |index: usize| totals.iter().map(|done| done[index]).sum::<u32>();
    let (attempts, blesses, arms) = (sum(0), sum(1), sum(2));
    println!(
        "{CUTS} cuts in {} s: {arms} arms, {attempts} attempts, {blesses} blesses",
        begin.elapsed().as_secs()
    );
    assert!(
        attempts > 0 && blesses > 0 && arms > 0,
        "the cuts were too early to say anything"
    );
}

/// The disk with a pool, and the memory of a machine that looked at none yet.
fn make_pool(image: &Path, initrd: &Path, disk: &Path, memory: &Path, mut place: Place) {
    empty_disk(&place.file("disk"));
    let mut asleep = Vm::start(image, initrd, &mut place, None);
    asleep.until("@READY", 300);
    asleep.sleep(memory);
    let mut maker = Vm::start(image, initrd, &mut place, Some(memory));
    maker.say("sh /imp/create");
    let made = maker.until("@END", 120);
    assert!(made.contains("@END 0"), "{made}");
    drop(maker);
    fs::rename(place.file("disk"), disk).unwrap();
}

fn cut_again_and_again(
    image: &Path,
    initrd: &Path,
    place: &mut Place,
    memory: &Path,
    number: u32,
) -> [u32; 3] {
    let mut known = Known::new();
    let mut random = u64::from(number) + 1;
    let mut turns = [QUIET, ARMED].map(|moments| moments.into_iter().cycle());
    for cut in 0..CUTS / MACHINES {
        // Knuth's: the same moments in each run of the test, spread over what a machine does.
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let part = f64::from(u32::try_from(random >> 33).unwrap()) / f64::from(1_u32 << 31);
        let moments = &mut turns[usize::from(known.armed.is_some())];
        let (line, longest) = moments.next().unwrap();
        let mut machine = Vm::start(image, initrd, place, Some(memory));
        machine.say(&format!("sh /imp/power-on {number}-{cut}-{random}"));
        let text = machine.cut_after(line, part * longest);
        known.hear(&text);
    }
    known.done
}

/// One partition over all of it, known to the kernel from its start: its table is not read again when it wakes.
fn empty_disk(path: &Path) {
    let mut disk = File::create(path).unwrap();
    disk.set_len(DISK).unwrap();
    let sectors = u32::try_from(DISK / 512 - 2048).unwrap();
    let mut entry = vec![0, 0, 0, 0, 0x83, 0, 0, 0];
    entry.extend(2048_u32.to_le_bytes());
    entry.extend(sectors.to_le_bytes());
    disk.seek(SeekFrom::Start(446)).unwrap();
    disk.write_all(&entry).unwrap();
    disk.seek(SeekFrom::Start(510)).unwrap();
    disk.write_all(&[0x55, 0xaa]).unwrap();
}
