/** A bridge into the engine's own package; nothing else of peft4j lives here. Start with {@link ai.djl.pytorch.jni.ScriptBridge}. */
@NullMarked
package ai.djl.pytorch.jni;

import org.jspecify.annotations.NullMarked;
