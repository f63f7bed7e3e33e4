"""The text rules of VPP's CLI: comments, macros, escapes, braces, leftover words."""

import ipaddress
import os
import re

MACRO = re.compile(r"\$(?:\(([^)]*)\)|([A-Za-z_][A-Za-z0-9_]*))")


class Refused(Exception):
    """The command returned an error: status -1 and this text."""


def split(line):
    """The words of a line. `#` starts a comment anywhere, `$x` is a macro, `\\` escapes, `{a b}` is one word."""
    words, word, inside, depth, position = [], "", False, 0, 0
    while position < len(line):
        character = line[position]
        macro = MACRO.match(line, position) if character == "$" else None
        if character == "\\" and position + 1 < len(line):
            word, inside = word + line[position + 1], True
            position += 2
            continue
        if character == "#":
            break
        if macro:
            value = os.environ.get(macro.group(1) or macro.group(2), "UNSET ")
            line = line[:position] + value.replace("$", "\\$") + line[macro.end() :]
            continue
        if character == "{":
            depth += 1
            inside = True
        elif character == "}" and depth:
            depth -= 1
        elif character.isspace() and not depth:
            if inside:
                words.append(word)
            word, inside = "", False
        else:
            word, inside = word + character, True
        position += 1
    return words + [word] if inside else words


class Args:
    """The words of a command, read from the front, as unformat reads them."""

    def __init__(self, words):
        self.words = words

    def end(self):
        return not self.words

    def rest(self):
        return " ".join(self.words)

    def next(self):
        return self.words.pop(0)

    def take(self, *expected):
        """Whether the next words are these; they are consumed then."""
        if self.words[: len(expected)] == list(expected):
            del self.words[: len(expected)]
            return True
        return False

    def value(self, *expected):
        """The word after these words, or None when they do not come next (or nothing follows)."""
        if self.words[: len(expected)] == list(expected) and len(self.words) > len(expected):
            found = self.words[len(expected)]
            del self.words[: len(expected) + 1]
            return found
        return None

    def number(self, *expected):
        """The number after these words, or None."""
        if len(self.words) > len(expected) and self.words[len(expected)].isdigit():
            found = self.value(*expected)
            return None if found is None else int(found)
        return None

    def address(self, *expected):
        """The address with a length after these words, host bits kept, or None."""
        return self._parsed(ipaddress.ip_interface, expected, slash=True)

    def ip(self, *expected):
        """The plain address after these words, or None."""
        return self._parsed(ipaddress.ip_address, expected, slash=False)

    def mac(self, *expected):
        words = self.words[len(expected) :]
        if words and re.match(r"([0-9a-fA-F]{1,2}:){5}[0-9a-fA-F]{1,2}$", words[0]):
            return self.value(*expected)
        return None

    def _parsed(self, parse, expected, slash):
        if self.words[: len(expected)] != list(expected) or len(self.words) <= len(expected):
            return None
        word = self.words[len(expected)]
        if ("/" in word) != slash:
            return None
        try:
            found = parse(word)
        except ValueError:
            return None
        del self.words[: len(expected) + 1]
        return found

    def unknown(self):
        """The error for an unexpected word."""
        return Refused(f"unknown input `{self.rest()}'")
