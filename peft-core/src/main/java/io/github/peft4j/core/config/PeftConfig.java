package io.github.peft4j.core.config;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Settings of one fine-tuning method, in memory as in {@code adapter_config.json}. Implementations are records. */
public interface PeftConfig {

    /** The value of {@code peft_type}, for example {@code LORA}. */
    String peftType();

    /** What the configs of all methods have. */
    CommonSettings common();

    /** The same settings with other common ones. */
    PeftConfig withCommon(CommonSettings common);

    /**
     * The method's own settings by Hugging Face's names: null, truth values, numbers, text, lists and maps of these. Numbers that are
     * whole in Hugging Face's files are {@code Integer} or {@code Long}, others {@code Double}.
     */
    Map<String, @Nullable Object> settings();
}
