/** What architectures of the library share; each has a package of its own below this one. */
@org.jspecify.annotations.NullMarked
package io.github.peft4j.models.internal.architecture;
