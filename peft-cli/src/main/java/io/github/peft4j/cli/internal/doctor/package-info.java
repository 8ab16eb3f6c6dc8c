/**
 * What this machine can run, looked at piece by piece: {@link io.github.peft4j.cli.internal.doctor.Examination} has the order, each other class a
 * few of the checks. None of them needs the engine, which is tried in a process of its own.
 */
@NullMarked
package io.github.peft4j.cli.internal.doctor;

import org.jspecify.annotations.NullMarked;
