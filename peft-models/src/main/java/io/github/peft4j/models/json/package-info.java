/**
 * JSON as Python's {@code json} module reads and writes it, since every file here is one that Python wrote or will read.
 *
 * <p>Start with {@link io.github.peft4j.models.json.JsonReader}, which takes a text apart piece by piece or builds plain values of it, within
 * {@link io.github.peft4j.models.json.JsonLimits}, and {@link io.github.peft4j.models.json.JsonWriter}, whose text is that of
 * {@code json.dumps} to the byte. Values are plain Java: null, {@code Boolean}, {@code Integer}, {@code Long}, {@code BigInteger},
 * {@code Double}, {@code String}, {@code List} and {@code Map} in the order of the text.
 *
 * <p>Not a library's: files come from strangers, so that each needs bounds of its own, and what is wrong is said in words that mean something to
 * whoever has the file; general parsers differ from Python in NaN, in long numbers and in repeated keys; and loading one takes longer
 * than a short command.
 */
@NullMarked
package io.github.peft4j.models.json;

import org.jspecify.annotations.NullMarked;
