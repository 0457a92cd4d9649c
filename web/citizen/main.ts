import { createApp } from 'vue'
import './styles/base.css'
import './styles/page.css'
import './styles/talk.css'
import './styles/dialog.css'
import './styles/elder.css'
import './styles/print.css'
import App from './App.vue'
import { applyPrefs } from './core/prefs'
import { loadSite } from './core/site'
import { restore } from './core/talk'

applyPrefs()
restore()
void loadSite()
createApp(App).mount('#app')
