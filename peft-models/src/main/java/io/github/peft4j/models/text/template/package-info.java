/**
 * Chat templates: from messages to text. Start with {@link io.github.peft4j.models.text.template.ChatTemplate}.
 */
@NullMarked
package io.github.peft4j.models.text.template;

import org.jspecify.annotations.NullMarked;
